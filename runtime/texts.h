// Parts of messages, made without allocation.
#ifndef GLIMPSE_RUNTIME_TEXTS_H_
#define GLIMPSE_RUNTIME_TEXTS_H_

#include <cstdio>
#include <cstring>

namespace glimpse {

// A number of things: "1 glimpse", "2 glimpses". `one` is the word for one of them.
struct Counted {
    char text[64];

    template<typename Number>
    Counted(Number number, const char *one) noexcept {
        snprintf(text, sizeof(text), "%lld %s%s", static_cast<long long>(number), one,
                 number == 1                   ? ""
                 : one[strlen(one) - 1] == 'x' ? "es"
                                               : "s");
    }
};

// Names with commas between them; cut where they are too many.
class NameList {
public:
    void add(const char *name) noexcept {
        snprintf(text_ + length_, sizeof(text_) - length_, "%s%s", length_ == 0 ? "" : ", ", name);
        length_ = strlen(text_);
    }
    const char *text() const noexcept {
        return text_;
    }

private:
    char text_[252] = "";
    size_t length_ = 0;
};

// The names of all enumerators, of which there are `count` from 0 on.
template<typename Enum>
NameList names_of(int count) noexcept {
    NameList list;
    for (int i = 0; i < count; i++) {
        list.add(name(Enum(i)));
    }
    return list;
}

}  // namespace glimpse

#endif  // GLIMPSE_RUNTIME_TEXTS_H_
