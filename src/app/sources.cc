#include "app/sources.h"

#include <cstdlib>

#include "app/paths.h"
#include "app/values.h"
#include "sense/cpu_model.h"
#include "sense/dram_model.h"
#include "sense/nvml.h"
#include "sense/rapl.h"

namespace lowtide::app {
namespace {

sense::NvmlOptions nvml_options(const SourceWishes& wishes) {
  sense::NvmlOptions options;
  options.wish.gpus = wishes.gpus;
  // An empty CUDA_VISIBLE_DEVICES means no device: it is not the same as an unset one.
  const char* visible = std::getenv("CUDA_VISIBLE_DEVICES");  // NOLINT(concurrency-mt-unsafe)
  if (visible != nullptr) options.wish.cuda_visible = visible;
  options.wish.cuda_order = environment("CUDA_DEVICE_ORDER").value_or("");
  return options;
}

bool has(const Result<std::unique_ptr<sense::Meter>>& meter, ChannelKind kind) {
  if (!meter) return false;
  for (const ChannelInfo& channel : (*meter)->describe()) {
    if (channel.kind == kind) return true;
  }
  return false;
}

// A model stands in where the counters have no channel of its kind.
record::Reader::Open model_of_cpu(const SourceWishes& wishes, const host::Clock& clock) {
  return [wishes, &clock]() -> Result<std::unique_ptr<sense::Meter>> {
    if (has(sense::open_rapl(wishes.files, clock), ChannelKind::cpu)) {
      return fail(ErrorKind::absent, "not needed: the CPU is measured");
    }
    return sense::open_cpu_model({wishes.files, wishes.data_folder + "/cpu_tdp.csv"}, clock);
  };
}

record::Reader::Open model_of_dram(const SourceWishes& wishes, const host::Clock& clock) {
  return [wishes, &clock]() -> Result<std::unique_ptr<sense::Meter>> {
    const auto rapl = sense::open_rapl(wishes.files, clock);
    if (has(rapl, ChannelKind::dram)) {
      return fail(ErrorKind::absent, "not needed: the DRAM is measured");
    }
    return sense::open_dram_model(wishes.files, clock, rapl ? "RAPL has no DRAM zone here" : "");
  };
}

// A machine without a GPU is normal, unless the user has named one: that is worth an event.
record::Reader::Open gpus(const SourceWishes& wishes, const host::Clock& clock) {
  return [wishes, options = nvml_options(wishes), &clock] {
    auto meter = sense::open_nvml(options, clock);
    const bool named = wishes.gpus && names_gpus(*wishes.gpus);
    if (!meter && named && meter.error().kind == ErrorKind::absent) {
      meter.error().kind = ErrorKind::usage;
      meter.error().where = "--gpus " + *wishes.gpus + " is not here";
    }
    return meter;
  };
}

}  // namespace

std::vector<record::DoorSpec> energy_sources(const SourceWishes& wishes, const host::Clock& clock) {
  return {
      {"nvml", gpus(wishes, clock), false},
      {"powercap", [f = wishes.files, &clock] { return sense::open_rapl(f, clock); }},
      {"cpu-model", model_of_cpu(wishes, clock)},
      {"dram-model", model_of_dram(wishes, clock)},
  };
}

bool gpus_chosen(const SourceWishes& wishes) {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): before any thread
  return wishes.gpus.has_value() || std::getenv("CUDA_VISIBLE_DEVICES") != nullptr;
}

}  // namespace lowtide::app
