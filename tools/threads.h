// Threads for one call of the library at a time.
#ifndef GLIMPSE_TOOLS_THREADS_H_
#define GLIMPSE_TOOLS_THREADS_H_

#include "glimpse/context.h"

namespace glimpse {
namespace command {

// A parallel loop over up to `width` threads, the calling one among them. Threads are started by
// each loop: a call of the command runs few.
class Threads {
public:
    // 0 means as many as the machine has processors.
    explicit Threads(int width);

    // Valid as long as this object.
    Executor executor() noexcept;

private:
    int width_;
};

}  // namespace command
}  // namespace glimpse

#endif  // GLIMPSE_TOOLS_THREADS_H_
