// Early returns of functions that may fail.
#ifndef GLIMPSE_RUNTIME_TRY_H_
#define GLIMPSE_RUNTIME_TRY_H_

#include "glimpse/status.h"

// Returns from a function what `expression` returns unless that is success.
#define GLIMPSE_TRY(expression)                                           \
    do {                                                                  \
        if (const ::glimpse::Status &tried = (expression); !tried.ok()) { \
            return tried;                                                 \
        }                                                                 \
    } while (false)

#endif  // GLIMPSE_RUNTIME_TRY_H_
