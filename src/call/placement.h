// Where glimpses lie: from what a call asks for to the image and the origin of each glimpse.
#ifndef GLIMPSE_SRC_CALL_PLACEMENT_H_
#define GLIMPSE_SRC_CALL_PLACEMENT_H_

#include <cstdint>
#include <optional>

#include "call/scratch.h"
#include "glimpse/extract.h"
#include "glimpse/tensorflow.h"
#include "kernel_abi.h"

namespace glimpse {

// Places as they were asked for: origins or offsets, and the rule that makes origins of them.
struct AskedPlaces {
    const void *data = nullptr;
    size_t size = 0;
    Memory memory = Memory::host;
    PlaceRule rule = place_origin;
    bool normalized = false, centered = false;  // what offsets mean
    bool halves_y = false, halves_x = false;    // origins become half of it, rounded down

    AskedPlaces() = default;
    AskedPlaces(const Places &places, Coordinates coordinates) noexcept;

    bool is_boxes() const noexcept {
        return rule == place_box;
    }
    bool is_offsets() const noexcept {
        return rule != place_origin && !is_boxes();
    }
    // Whether they are origins already.
    bool is_plain() const noexcept {
        return rule == place_origin && !halves_y && !halves_x;
    }
    const char *name() const noexcept {
        return is_boxes() ? "boxes" : is_offsets() ? "offsets" : "origins";
    }
    // Of one place.
    const char *kind() const noexcept {
        return is_boxes() ? "box" : is_offsets() ? "offset" : "origin";
    }
    size_t place_bytes() const noexcept {
        return is_boxes() ? sizeof(Box) : sizeof(Origin);
    }
    Origin origin(size_t i) const noexcept {
        return static_cast<const Origin *>(data)[i];
    }
    Offset offset(size_t i) const noexcept {
        return static_cast<const Offset *>(data)[i];
    }
    Box box(size_t i) const noexcept {
        return static_cast<const Box *>(data)[i];
    }
};

// Two sides of a box in multiples of 2^-32 of a pixel, from the top left corner of the image.
struct Sides {
    int64_t from, to;

    uint64_t distance() const noexcept {
        return to < from ? uint64_t(from) - uint64_t(to) : uint64_t(to) - uint64_t(from);
    }
    // Whether they are further apart than so many pixels.
    bool are_beyond(int64_t pixels) const noexcept {
        return distance() > uint64_t(pixels) << 32;
    }
    bool lie_within(int64_t low, int64_t high) const noexcept {
        return from >= low && to >= low && from <= high && to <= high;
    }
};
struct FixedBox {
    Sides y, x;

    // The pixel in which its first corner lies.
    Origin origin() const noexcept {
        return {int32_t(y.from >> 32), int32_t(x.from >> 32)};
    }
};

// Finds the sides of box `i`, of places on the host. Fails if they are no such numbers.
Status find_box(const AskedPlaces &places, size_t i, Size image, FixedBox *box) noexcept;

// Whether a box has the size of its glimpse and lies at whole pixels: it is copied from its origin.
bool is_window(const FixedBox &box, Size glimpse) noexcept;

// Finds the origin of glimpse `i`, of places on the host. Fails if there is none in int32.
Status find_origin(const AskedPlaces &places, size_t i, Size image, Size glimpse,
                   Origin *origin) noexcept;

// The largest coordinates from which all pixels of a glimpse have int32 coordinates.
tensorflow::WideOrigin highest_origins(Size glimpse) noexcept;

// Fails if a pixel of the glimpse has no int32 coordinates.
Status check_origin(const Origin &origin, size_t index, Size glimpse) noexcept;

// Fails if `coordinates` is none of the enumerators.
Status check_coordinates(Coordinates coordinates) noexcept;

namespace tensorflow {

// Fails if the version is none of the enumerators.
Status check_version(const Attributes &attributes) noexcept;

}  // namespace tensorflow

// The window of a glimpse.
struct Window {
    int32_t image;
    Origin origin;
};

// What a call knows of each glimpse: of few in this object, of more in scratch memory.
template<typename T, size_t most_near>
class OfGlimpses {
public:
    // Makes room.
    Status allocate(ScratchPool &pool, size_t size, const char *what) noexcept {
        if (size <= most_near) {
            data_ = near_;
            return {};
        }
        far_.emplace(pool, size * sizeof(T));
        data_ = static_cast<T *>(far_->data());
        return far_->check(what);
    }
    T &operator[](size_t i) noexcept {
        return data_[i];
    }
    const T &operator[](size_t i) const noexcept {
        return data_[i];
    }

private:
    T near_[most_near];
    std::optional<Scratch> far_;
    T *data_ = nullptr;
};

using Windows = OfGlimpses<Window, 64>;
using FixedBoxes = OfGlimpses<FixedBox, 16>;

}  // namespace glimpse

#endif  // GLIMPSE_SRC_CALL_PLACEMENT_H_
