// Any bytes in a JSON column of the ledger: defaults where they mean nothing, never a crash; and
// what was understood once is written and understood the same again.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <string>
#include <vector>

#include "record/ledger_text.h"

namespace {

template <typename T>
void read_write_read(const std::string& text) {
  T first{};
  lowtide::record::from_text(text, first);
  const std::string written = lowtide::record::to_text(first);
  T again{};
  lowtide::record::from_text(written, again);
  if (lowtide::record::to_text(again) != written) std::abort();
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  read_write_read<lowtide::MachineShare>(text);
  read_write_read<lowtide::AccountingOptions>(text);
  read_write_read<std::vector<lowtide::ErrorTerm>>(text);
  read_write_read<lowtide::IntensityUsed>(text);
  std::map<std::string, std::string> tags;
  lowtide::record::map_from_text(text, tags);
  std::map<std::string, double> counts;
  lowtide::record::map_from_text(text, counts);
  std::vector<std::string> command;
  lowtide::record::map_from_text(text, command);
  return 0;
}
