// M of the SCI: the run's share of what it took to make the hardware.
//
// M = TE x (time held / expected life) x (reserved / total), per SCI 1.1.0 (ISO/IEC 21031:2024).
// TE of a server and of a GPU are assumed from public figures, so M carries wide bounds and is
// always marked as assumed. Pure.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "base/units.h"
#include "series/run.h"

namespace lowtide::account {

// Embodied carbon of one device, cradle to gate, with the range that published figures span.
struct EmbodiedRow {
  std::string_view device;  // "server", "gpu", or a word in the GPU's own name
  Carbon value;
  Carbon low;
  Carbon high;
  std::string_view source;
  bool unconfirmed = false;  // as others quote it: not read in the maker's own document
};

// The first row of a device that fits is taken; "gpu" is for GPUs that no other row names.
inline constexpr std::array kEmbodied = std::to_array<EmbodiedRow>({
    {"server", grams(1'200'000), grams(600'000), grams(3'900'000),
     "assumed 1,200 kg: between about 1,000 kg (Teads 2021, used by Cloud Carbon Footprint), "
     "763 kg (Boavizta components, c6gd.metal) and 2,181 to 3,880 kg (Dell R750 LCA 2023)"},
    {"B200", grams(284'250), grams(199'000), grams(370'000),
     "NVIDIA HGX B200 product carbon footprint 2025, as quoted elsewhere: 2,274 kg per 8 GPUs",
     true},
    {"H100", grams(164'000), grams(115'000), grams(213'000),
     "NVIDIA HGX H100 product carbon footprint 2025, as quoted elsewhere: 1,312 kg per 8 GPUs",
     true},
    {"A100", grams(127'600), grams(89'000), grams(318'000),
     "Falk et al. 2025 (arXiv:2509.00093): 127.6 kg; 318 kg with 1/8 server (Chien et al. 2023)"},
    {"gpu", grams(150'000), grams(60'000), grams(320'000),
     "assumed 150 kg: between 60 kg (EcoDiag 2022) and 318 kg (Chien et al. 2023, A100)"},
});

// Expected life of a server. 4 years: Dell R740 LCA 2019, Teads 2021, Cloud Carbon Footprint; the
// range is 3 years (an accelerator's refresh) to 6 (Scaleway 2025).
inline constexpr Duration kLife = std::chrono::hours(4 * 8760);
inline constexpr Duration kLifeShortest = std::chrono::hours(3 * 8760);
inline constexpr Duration kLifeLongest = std::chrono::hours(6 * 8760);

// A machine that shows fewer logical CPUs than this is taken as a part of a server that has them:
// most such machines are virtual, and a whole server must not be charged to a 2-CPU guest.
// c6gd.metal and other single-socket cloud servers of 2020 to 2024 have 64.
inline constexpr double kServerCpus = 64;

struct Embodied {
  std::optional<Carbon> value;  // absent: not included, or not known
  Carbon low;
  Carbon high;
  std::vector<std::string> assumed;
  std::vector<std::string> sources;
};

// `held` is the time the hardware was the run's: running and paused.
[[nodiscard]] Embodied embodied(const RunRecord& record, Duration held);

// M of one GPU of this name.
[[nodiscard]] Carbon embodied_of_gpu(std::string_view name, Duration held);

}  // namespace lowtide::account
