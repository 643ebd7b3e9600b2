#include "host/dynlib.h"

#include <dlfcn.h>

namespace lowtide::host {

Result<DynamicLibrary> DynamicLibrary::open(const std::string& name) {
  void* handle = dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) {
    const char* why = dlerror();  // NOLINT(concurrency-mt-unsafe): glibc keeps it per thread
    return fail(ErrorKind::absent, why == nullptr ? "cannot be loaded" : why, name);
  }
  return DynamicLibrary(handle);
}

void* DynamicLibrary::address(const char* symbol) const { return dlsym(handle_, symbol); }

std::string DynamicLibrary::file_of(const char* symbol) const {
  Dl_info about{};
  const void* const at = address(symbol);
  if (at == nullptr || dladdr(at, &about) == 0 || about.dli_fname == nullptr) return {};
  return about.dli_fname;
}

}  // namespace lowtide::host
