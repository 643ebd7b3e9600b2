#include "sense/nvml_probe.h"

#include <array>

#include "host/dynlib.h"
#include "sense/nvml_door.h"

namespace lowtide::sense {
namespace {

constexpr unsigned kTextSize = 96;  // the longest version buffer of NVML's reference is 80
using Text = int(char*, unsigned);

std::string version(const host::DynamicLibrary& library, const char* symbol) {
  std::array<char, kTextSize> text{};
  Text* call = library.find<Text>(symbol);
  if (call == nullptr || call(text.data(), kTextSize) != 0) return {};
  text.back() = '\0';
  return text.data();
}

}  // namespace

Result<NvmlProbe> probe_nvml(const std::string& library) {
  if (const auto door = open_nvml_door(library); !door) return tl::unexpected(door.error());
  const auto loaded = host::DynamicLibrary::open(library);
  if (!loaded) return tl::unexpected(loaded.error());
  return NvmlProbe{loaded->file_of("nvmlInit_v2"), version(*loaded, "nvmlSystemGetDriverVersion"),
                   version(*loaded, "nvmlSystemGetNVMLVersion")};
}

}  // namespace lowtide::sense
