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

}  // namespace lowtide::host
