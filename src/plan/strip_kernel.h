// The loop of the exact sweep without a least run (exact_strips.h). Pure; vectors of what the CPU
// has, chosen at run time (vector_targets.h). Costs are doubles in grams, energies in kWh,
// intensities in g/kWh.
#pragma once

#include <cstddef>
#include <cstdint>

namespace lowtide::plan {

// A strip of counts of work slots, first + 1 .. first + strip_width(), over the slots from .. to
// (exact_strips.h). All pointers with "by slot" are indexed by the slot's number in the window.
struct Strip {
  const double* work = nullptr;  // of each of its counts: the work that leads to it
  std::size_t from = 0;
  std::size_t to = 0;
  // By slot:
  const double* intensity = nullptr;
  const double* hold = nullptr;    // what the slot costs without work
  const double* pause = nullptr;   // having stopped a least pause before it
  const double* resume = nullptr;  // working in it again
  const std::uint8_t* forbidden = nullptr;
  const double* run_in = nullptr;  // states of count `first` before the slot
  const double* idle_in = nullptr;
  double* run_out = nullptr;  // states of the strip's last count before the slot
  double* idle_out = nullptr;
  bool held = true;  // false: hold and pause are zero
  std::size_t restore = 0;
  std::size_t min_pause = 1;
  double* rings = nullptr;    // (restore + 1 + min_pause) x width, where these are not 0 and 1
  double* watched = nullptr;  // by slot: the running state at that place after it; or null
  std::size_t watched_place = 0;
  // strip_bytes() after each slot: did the count begin a run, did it stop one.
  std::uint8_t* resumed = nullptr;
  std::uint8_t* paused = nullptr;
};

// Running: run'[j] = work[j] * c + min(run[j-1], idle[j-1] + resume), idle as of before restoring.
// Not running: idle'[j] = min(idle[j] + hold, run[j] + pause), run as of a least pause ago.
void sweep_strip(const Strip& strip);
// Nothing is charged, one state: run'[j] = min(run[j], run[j-1] + work[j] * c). `resumed` says
// where it worked.
void sweep_free_strip(const Strip& strip);

// A strip's counts in the vector target in force, and the bytes of its bits.
[[nodiscard]] std::size_t strip_width();
[[nodiscard]] constexpr std::size_t strip_bytes(std::size_t width) { return (width + 7) / 8; }
// Where the strip's count number 0 .. width - 1 stands among its states and bits: neighbours stand
// in the same lane of neighbouring vectors.
[[nodiscard]] std::size_t strip_place(std::size_t number);

}  // namespace lowtide::plan
