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
    bool halves = false;                        // origins become half of it, rounded down

    AskedPlaces() = default;
    AskedPlaces(const Places &places, Coordinates coordinates) noexcept;

    bool is_offsets() const noexcept {
        return rule != place_origin;
    }
    // Whether they are origins already.
    bool is_plain() const noexcept {
        return !is_offsets() && !halves;
    }
    const char *name() const noexcept {
        return is_offsets() ? "offsets" : "origins";
    }
    Origin origin(size_t i) const noexcept {
        return static_cast<const Origin *>(data)[i];
    }
    Offset offset(size_t i) const noexcept {
        return static_cast<const Offset *>(data)[i];
    }
};

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

// The windows of a call: few of them in this object, more in scratch memory.
class Windows {
public:
    // Makes room.
    Status allocate(ScratchPool &pool, size_t size) noexcept {
        if (size <= most_near) {
            data_ = near_;
            return {};
        }
        far_.emplace(pool, size * sizeof(Window));
        data_ = static_cast<Window *>(far_->data());
        return far_->check("origins");
    }
    Window &operator[](size_t i) noexcept {
        return data_[i];
    }
    const Window &operator[](size_t i) const noexcept {
        return data_[i];
    }

private:
    static constexpr size_t most_near = 64;

    Window near_[most_near];
    std::optional<Scratch> far_;
    Window *data_ = nullptr;
};

}  // namespace glimpse

#endif  // GLIMPSE_SRC_CALL_PLACEMENT_H_
