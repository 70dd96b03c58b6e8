// Uses a library that has some element types only: copies and converts from the first to the second
// type named, and asks for the third, which is not there. Prints the variants.
//     program FROM TO MISSING
#include <glimpse/glimpse.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

namespace {

using glimpse::ConstView;
using glimpse::ElementType;
using glimpse::Shape;
using glimpse::Status;
using glimpse::View;

ElementType type_of(const char *name) {
    for (int i = 0; i < glimpse::element_type_count; i++) {
        if (std::strcmp(name, glimpse::name(static_cast<ElementType>(i))) == 0) {
            return static_cast<ElementType>(i);
        }
    }
    std::fprintf(stderr, "there is no type %s\n", name);
    std::exit(1);
}

// Zeros become zeros, under every border that needs none else.
Status convert(ElementType from, ElementType to, glimpse::Border border) {
    const Shape shape = {1, 20, 30, 3}, size = {2, 16, 24, 3};
    const std::vector<float> image(20 * 30 * 3);
    std::vector<float> glimpses(2 * 16 * 24 * 3, 1.0f);
    const glimpse::Origin origins[] = {{2, 3}, {-5, 20}};
    glimpse::Options options;
    options.border = border;
    Status status = glimpse::extract(ConstView::interleaved(image.data(), from, shape), origins,
                                     View::interleaved(glimpses.data(), to, size), options);
    const auto bytes = static_cast<size_t>(2 * 16 * 24 * 3 * glimpse::size_in_bytes(to));
    for (size_t i = 0; status.ok() && i < bytes; i++) {
        if (reinterpret_cast<const char *>(glimpses.data())[i] != 0) {
            std::fprintf(stderr, "byte %zu is not 0\n", i);
            std::exit(1);
        }
    }
    return status;
}

}  // namespace

int main(int argc, char **argv) {
    if (argc != 4) {
        return 1;
    }
    const ElementType from = type_of(argv[1]), to = type_of(argv[2]), missing = type_of(argv[3]);
    for (const glimpse::Border border :
         {glimpse::Border::zero, glimpse::Border::mean, glimpse::Border::reflect,
          glimpse::Border::uniform, glimpse::Border::gaussian}) {
        for (const ElementType type : {from, to}) {
            const Status status = convert(from, type, border);
            if (!status.ok()) {
                std::fprintf(stderr, "%s\n", status.message());
                return 1;
            }
        }
    }
    for (const Status &status : {convert(missing, missing, glimpse::Border::zero),
                                 convert(from, missing, glimpse::Border::zero)}) {
        std::printf("%s: %s\n", glimpse::name(status.code()), status.message());
    }
    const glimpse::Span<const glimpse::Variant> variants = glimpse::variants();
    for (size_t i = 0; i < variants.size; i++) {
        std::printf("variant %s\n", variants.data[i].name);
    }
}
