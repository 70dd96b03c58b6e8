// The main function of the benchmark programs, and what they share.
#include "runner.h"

#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>
#include <ostream>
#include <utility>

namespace bench {
namespace {

// What is set before the flags of the command line, which override it. 11 repetitions of 10 ms of
// all rows of both programs take about 3 minutes on an AMD EPYC (Zen 4).
const char *const default_flags[] = {
    "--benchmark_enable_random_interleaving=true",
    "--benchmark_min_time=0.01",
    "--benchmark_repetitions=11",
    "--benchmark_report_aggregates_only=true",
    "--benchmark_out=",  // is written here, over all groups
};

// Reports many runs of Google Benchmark as one: all of it to a file, and medians to the terminal.
class Reporter : public benchmark::BenchmarkReporter {
public:
    // `file` may be null.
    explicit Reporter(std::ostream *file)
        : display_(benchmark::CreateDefaultDisplayReporter()), has_file_(file != nullptr) {
        if (has_file_) {
            json_.SetOutputStream(file);
        }
        // Where the library says of every group that the filter leaves nothing of it.
        SetErrorStream(&silence_);
    }

    bool ReportContext(const Context &context) override {
        if (std::exchange(started_, true)) {
            return true;
        }
        Context with_wide_names = context;
        with_wide_names.name_field_width = 64;
        return display_->ReportContext(with_wide_names) &&
               (!has_file_ || json_.ReportContext(context));
    }

    void ReportRuns(const std::vector<Run> &runs) override {
        std::vector<Run> shown;
        for (const Run &run : runs) {
            failed_ = failed_ || run.error_occurred;
            if (run.run_type == Run::RT_Iteration || run.aggregate_name == "median") {
                shown.push_back(run);
            }
        }
        if (!shown.empty()) {
            display_->ReportRuns(shown);
        }
        if (has_file_) {
            json_.ReportRuns(runs);
        }
    }

    // Ends the reports, after the last group; Finalize() is called after every one.
    void finish() {
        if (started_) {
            display_->Finalize();
            if (has_file_) {
                json_.Finalize();
            }
        }
    }

    bool failed() const {
        return failed_;
    }

private:
    std::unique_ptr<benchmark::BenchmarkReporter> display_;
    benchmark::JSONReporter json_;
    std::ostream silence_{nullptr};
    bool has_file_;
    bool started_ = false, failed_ = false;
};

// The text after `prefix`; null if `text` does not begin with it.
const char *after(const char *text, const char *prefix) {
    const size_t length = std::strlen(prefix);
    return std::strncmp(text, prefix, length) == 0 ? text + length : nullptr;
}

}  // namespace

const std::vector<VariantContext> &usable_variants() {
    static const std::vector<VariantContext> *const all = [] {
        auto *const list = new std::vector<VariantContext>;
        const glimpse::Span<const glimpse::Variant> variants = glimpse::variants();
        for (size_t i = 0; i < variants.size; i++) {
            // That for devices has a program of its own: cuda_bench.
            if (variants.data[i].usable && std::strcmp(variants.data[i].name, "cuda") != 0) {
                glimpse::ContextOptions options;
                options.variant = variants.data[i].name;
                list->push_back({options.variant, new glimpse::Context(options)});
            }
        }
        return list;
    }();
    return *all;
}

int run(int argc, char **argv, const std::vector<Group> &groups) {
    std::vector<std::string> flags{argv[0]};
    flags.insert(flags.end(), std::begin(default_flags), std::end(default_flags));
    std::string path;
    for (int i = 1; i < argc; i++) {
        if (const char *const format = after(argv[i], "--benchmark_out_format=")) {
            if (std::strcmp(format, "json") != 0) {
                std::fprintf(stderr, "%s: --benchmark_out_format must be json, is %s\n", argv[0],
                             format);
                return 1;
            }
        } else if (const char *const out = after(argv[i], "--benchmark_out=")) {
            path = out;
        } else {
            flags.emplace_back(argv[i]);
        }
    }
    std::vector<char *> arguments;
    for (std::string &flag : flags) {
        arguments.push_back(flag.data());
    }
    int count = static_cast<int>(arguments.size());
    benchmark::Initialize(&count, arguments.data());
    if (benchmark::ReportUnrecognizedArguments(count, arguments.data())) {
        return 1;
    }
    benchmark::AddCustomContext("glimpse_version", glimpse::version());

    std::ofstream file;
    if (!path.empty()) {
        file.open(path);
        if (!file) {
            std::fprintf(stderr, "%s: cannot write %s\n", argv[0], path.c_str());
            return 1;
        }
    }
    Reporter reporter(path.empty() ? nullptr : &file);
    size_t chosen = 0;
    for (const Group &group : groups) {
        benchmark::ClearRegisteredBenchmarks();
        for (const Row &row : group.rows()) {
            benchmark::RegisterBenchmark((group.name + "/" + row.implementation).c_str(), row.run);
        }
        chosen += benchmark::RunSpecifiedBenchmarks(&reporter);
    }
    benchmark::ClearRegisteredBenchmarks();
    reporter.finish();
    if (chosen == 0) {
        std::fprintf(stderr, "%s: --benchmark_filter leaves nothing to run\n", argv[0]);
        return 1;
    }
    if (!path.empty() && !file.flush()) {
        std::fprintf(stderr, "%s: cannot write %s\n", argv[0], path.c_str());
        return 1;
    }
    return reporter.failed() ? 1 : 0;
}

}  // namespace bench
