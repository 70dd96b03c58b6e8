// The whole public API in one header. Each of the headers below also compiles alone.
#ifndef GLIMPSE_GLIMPSE_H_
#define GLIMPSE_GLIMPSE_H_

#include "glimpse/bayer.h"        // raw mosaics
#include "glimpse/boxes.h"        // boxes for what others cut out
#include "glimpse/context.h"      // variants, threads, scratch memory
#include "glimpse/copy.h"         // copies to and from a device
#include "glimpse/explain.h"      // why a pixel is what it is
#include "glimpse/extract.h"      // extract(): the main call
#include "glimpse/frame.h"        // images in formats of cameras
#include "glimpse/options.h"      // borders, coordinates, what becomes of pixels
#include "glimpse/places.h"       // origins, offsets and boxes
#include "glimpse/statistics.h"   // compute_statistics()
#include "glimpse/status.h"       // what every call returns
#include "glimpse/tensorflow.h"   // the drop-in for TensorFlow's extract_glimpse
#include "glimpse/thread_pool.h"  // threads for those who have none
#include "glimpse/view.h"         // images and glimpses in the caller's memory

#endif  // GLIMPSE_GLIMPSE_H_
