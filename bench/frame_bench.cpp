// Times extract() from a 1080p frame to RGB, on one thread, one variant beside the other and beside
// OpenCV or libyuv, as `frame/FROM-TO/CASE/IMPLEMENTATION`.
//
// CASE is the work: `boxes` (20 of 100 to 600 pixels a side to 224 x 224 planes, not antialiased,
// with subtract and multiply), beside `opencv`, which converts the smallest even rectangle about
// each, resizes, splits and converts; a window of 640 x 640 with `nearest` chroma, beside libyuv's
// NV12ToRAW, and with `linear` chroma at the centre, beside its I420ToRGB24MatrixFilter; and the
// `whole` frame to planes, beside a plain `write` of as much: both to memory that is in no cache.
// Every result is compared with tests/reference_picture.h before it is timed, large ones in part.
#include <libyuv.h>

#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>

#include <algorithm>
#include <cmath>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "reference_picture.h"
#include "runner.h"

namespace {

using glimpse::Box;
using glimpse::ConstFrame;
using glimpse::Options;
using glimpse::Origin;
using glimpse::Shape;
using glimpse::Status;
using glimpse::View;

const int height = 1080, width = 1920;
const float subtract = 127.5f, multiply = 1.0f / 64;
const size_t outputs = 8;  // in rotation: 200 MB of float32 planes

// NV12, and the same as I420.
struct Planes {
    bench::Memory<uint8_t> y = bench::random_elements<uint8_t>(height * width);
    bench::Memory<uint8_t> uv = bench::random_elements<uint8_t>(height * width / 2);
    bench::Memory<uint8_t> u{height * width / 4}, v{height * width / 4};

    Planes() {
        for (int64_t i = 0; i < height * width / 4; i++) {
            u.data()[i] = uv.data()[2 * i];
            v.data()[i] = uv.data()[2 * i + 1];
        }
    }
    ConstFrame nv12() const {
        return ConstFrame::nv12(y.data(), width, uv.data(), width, height, width);
    }
    ConstFrame i420() const {
        return ConstFrame::i420(y.data(), width, u.data(), v.data(), width / 2, height, width);
    }
};
const Planes &planes() {
    static const Planes memory;
    return memory;
}

// The largest difference of some numbers of glimpse 0 from those of the definition.
template<typename T>
double difference(const ConstFrame &frame, const View &view, const Box &box, bool converts) {
    const Shape &s = view.shape;
    // A part of the frame that holds what is looked at.
    const int64_t rows = std::min<int64_t>(height, 8 + static_cast<int64_t>(std::ceil(box.y1)));
    ConstFrame part = frame;
    part.height = rows;
    for (int p = 0; p < glimpse::plane_count(frame.format); p++) {
        part.planes[p].shape =
            glimpse::plane_shape(frame.format, p, 1, rows, static_cast<int64_t>(width));
    }
    reference::PicturePlane<uint8_t> plane = {
        reference::Picture(part, 255, 3), 255, glimpse::Border::zero, {}, {}, 0, 0, {}};
    plane.images.shape = {1, rows, width, 3};
    double largest = 0;
    glimpse::Sampling sampling;
    sampling.antialias = false;
    for (int64_t y = 0; y < s.height; y += 1 + s.height / 7) {
        for (int64_t x = 0; x < s.width; x += 1 + s.width / 11) {
            for (int64_t c = 0; c < 3; c++) {
                const auto at = [&](float from, float to, int64_t n, int64_t i) {
                    return reference::center(reference::side(from, 0, glimpse::Coordinates::pixels),
                                             reference::side(to, 0, glimpse::Coordinates::pixels),
                                             n, i);
                };
                const double sample =
                    reference::sample(plane, 0, at(box.y0, box.y1, s.height, y),
                                      at(box.x0, box.x1, s.width, x), 1, 1, c, sampling)
                        .value;
                double got = reference::value_of(reference::element<T>(view, 0, y, x, c));
                got = converts ? got / static_cast<double>(multiply) + static_cast<double>(subtract)
                               : got;
                largest = std::max(largest, std::fabs(got - std::clamp(sample, 0.0, 255.0)));
            }
        }
    }
    return largest;
}

using Run = std::function<Status(size_t)>;  // with the number of the call

void time(benchmark::State &state, const Run &run, int64_t bytes,
          const std::function<double()> &find_difference, double bound) {
    const Status first = run(0);
    if (!first.ok()) {
        state.SkipWithError(first.message());
        return;
    }
    const double found = find_difference ? find_difference() : 0;
    if (found > bound) {
        state.SkipWithError(("a number is wrong by " + std::to_string(found)).c_str());
        return;
    }
    size_t call = 0;
    while (state.KeepRunning()) {
        const Status status = run(call++);
        benchmark::ClobberMemory();
        if (!status.ok()) {
            state.SkipWithError(status.message());
            break;
        }
    }
    state.SetBytesProcessed(state.iterations() * bytes);
}

void add_boxes(std::vector<bench::Group> *groups) {
    groups->push_back(
        {"frame/nv12-float32/boxes", [] {
             struct Data {
                 std::vector<Box> boxes;
                 bench::Memory<float> out{20 * 3 * 224 * 224};
                 View view = View::planar(out.data(), {20, 224, 224, 3});
                 Options options;

                 Data() {
                     bench::Random random;
                     for (int i = 0; i < 20; i++) {
                         const int h = 100 + random.up_to(500), w = 100 + random.up_to(500);
                         const int y = random.up_to(height - h), x = random.up_to(width - w);
                         boxes.push_back({static_cast<float>(y), static_cast<float>(x),
                                          static_cast<float>(y + h), static_cast<float>(x + w)});
                     }
                     options.sampling.antialias = false;
                     options.subtract = subtract;
                     options.multiply = multiply;
                 }
             };
             const auto data = std::make_shared<Data>();
             const auto check = [=](double) {
                 return difference<float>(planes().nv12(), data->view, data->boxes[0], true);
             };
             std::vector<bench::Row> rows;
             for (const bench::VariantContext &variant : bench::usable_variants()) {
                 rows.push_back({variant.name, [=](benchmark::State &state) {
                                     time(
                                         state,
                                         [=](size_t) {
                                             return extract(planes().nv12(), data->boxes,
                                                            data->view, data->options,
                                                            *variant.context);
                                         },
                                         20 * 3 * 224 * 224 * 4, [=] { return check(0); }, 0.01);
                                 }});
             }
             rows.push_back(
                 {"opencv", [=](benchmark::State &state) {
                      cv::setNumThreads(1);
                      time(
                          state,
                          [=](size_t) {
                              for (size_t i = 0; i < data->boxes.size(); i++) {
                                  const Box &b = data->boxes[i];
                                  const int y = static_cast<int>(b.y0), x = static_cast<int>(b.x0);
                                  const int y0 = y / 2 * 2, x0 = x / 2 * 2;
                                  const int rows_of = (static_cast<int>(b.y1) + 1) / 2 * 2 - y0;
                                  const int columns = (static_cast<int>(b.x1) + 1) / 2 * 2 - x0;
                                  const cv::Mat luma(rows_of, columns, CV_8UC1,
                                                     planes().y.data() + y0 * width + x0, width);
                                  const cv::Mat chroma(rows_of / 2, columns / 2, CV_8UC2,
                                                       planes().uv.data() + y0 / 2 * width + x0,
                                                       width);
                                  cv::Mat rgb, small;
                                  cv::cvtColorTwoPlane(luma, chroma, rgb, cv::COLOR_YUV2RGB_NV12);
                                  const cv::Rect inside(x - x0, y - y0, static_cast<int>(b.x1) - x,
                                                        static_cast<int>(b.y1) - y);
                                  cv::resize(rgb(inside), small, cv::Size(224, 224), 0, 0,
                                             cv::INTER_LINEAR);
                                  std::vector<cv::Mat> channels;
                                  cv::split(small, channels);
                                  for (size_t c = 0; c < 3; c++) {
                                      cv::Mat out(224, 224, CV_32F,
                                                  data->out.data() + (i * 3 + c) * 224 * 224);
                                      channels[c].convertTo(
                                          out, CV_32F, static_cast<double>(multiply),
                                          -static_cast<double>(subtract * multiply));
                                  }
                              }
                              return Status();
                          },
                          20 * 3 * 224 * 224 * 4, {}, 0);  // it takes the nearest chroma
                  }});
             return rows;
         }});
}

// A window of 640 x 640 RGB pixels, beside what libyuv makes.
void add_window(const std::string &name, bool is_nearest, std::vector<bench::Group> *groups) {
    groups->push_back(
        {"frame/" + name, [=] {
             const int64_t side = 640, y = 200, x = 400;
             const auto out = std::make_shared<bench::Memory<uint8_t>>(side * side * 3);
             const View view = View::interleaved(out->data(), {1, side, side, 3});
             ConstFrame frame = is_nearest ? planes().nv12() : planes().i420();
             frame.color.nearest_chroma = is_nearest;
             frame.color.siting = glimpse::Siting::center;
             const Box box = {static_cast<float>(y), static_cast<float>(x),
                              static_cast<float>(y + side), static_cast<float>(x + side)};
             const auto check = [=] {
                 return difference<uint8_t>(frame, View::interleaved(out->data(), view.shape), box,
                                            false);
             };
             std::vector<bench::Row> rows;
             for (const bench::VariantContext &variant : bench::usable_variants()) {
                 rows.push_back({variant.name, [=](benchmark::State &state) {
                                     const Origin origins[] = {
                                         {static_cast<int32_t>(y), static_cast<int32_t>(x)}};
                                     time(
                                         state,
                                         [&](size_t) {
                                             return extract(frame, origins, view, {},
                                                            *variant.context);
                                         },
                                         side * side * 3, check, 1);
                                 }});
             }
             rows.push_back(
                 {"libyuv", [=](benchmark::State &state) {
                      const uint8_t *const luma = planes().y.data() + y * width + x;
                      const int64_t chroma = y / 2 * width / 2 + x / 2;
                      time(
                          state,
                          [=](size_t) {
                              const int n = static_cast<int>(side);
                              if (is_nearest) {
                                  libyuv::NV12ToRAW(luma, width, planes().uv.data() + 2 * chroma,
                                                    width, out->data(), 3 * n, n, n);
                              } else {
                                  // Whose first channel in memory is B, but for the constants for V
                                  // and U.
                                  libyuv::I420ToRGB24MatrixFilter(
                                      luma, width, planes().v.data() + chroma, width / 2,
                                      planes().u.data() + chroma, width / 2, out->data(), 3 * n,
                                      &libyuv::kYvuI601Constants, n, n, libyuv::kFilterBilinear);
                              }
                              return Status();
                          },
                          side * side * 3, {}, 0);
                  }});
             return rows;
         }});
}

void add_whole(std::vector<bench::Group> *groups) {
    groups->push_back(
        {"frame/nv12-float32/whole", [] {
             const int64_t size = int64_t{3} * height * width;
             const auto out =
                 std::make_shared<bench::Memory<float>>(static_cast<int64_t>(outputs) * size);
             const auto view = [=](size_t call) {
                 return View::planar(out->data() + static_cast<int64_t>(call % outputs) * size,
                                     {1, height, width, 3});
             };
             std::vector<bench::Row> rows;
             for (const bench::VariantContext &variant : bench::usable_variants()) {
                 rows.push_back({variant.name, [=](benchmark::State &state) {
                                     const Origin origins[] = {{0, 0}};
                                     Options options;
                                     options.subtract = subtract;
                                     options.multiply = multiply;
                                     time(
                                         state,
                                         [&](size_t call) {
                                             return extract(planes().nv12(), origins, view(call),
                                                            options, *variant.context);
                                         },
                                         size * 4,
                                         [=] {
                                             return difference<float>(planes().nv12(), view(0),
                                                                      {0, 0, height, width}, true);
                                         },
                                         0.01);
                                 }});
             }
             rows.push_back({"write", [=](benchmark::State &state) {
                                 time(
                                     state,
                                     [=](size_t call) {
                                         float *const to = static_cast<float *>(view(call).data);
                                         std::fill(to, to + size, static_cast<float>(call));
                                         return Status();
                                     },
                                     size * 4, {}, 0);
                             }});
             return rows;
         }});
}

}  // namespace

int main(int argc, char **argv) {
    std::vector<bench::Group> groups;
    add_boxes(&groups);
    add_window("nv12-uint8/nearest", true, &groups);
    add_window("i420-uint8/linear", false, &groups);
    add_whole(&groups);
    return bench::run(argc, argv, groups);
}
