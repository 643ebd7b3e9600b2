// The program: takes stock of what it was given, then does what the command line says.
#include <cstdio>
#include <exception>

#include "app/commands.h"
#include "app/say.h"
#include "host/inherited.h"

int main(int argc, char** argv) {
  const lowtide::host::Inherited inherited = lowtide::host::Inherited::take();
  try {
    return lowtide::app::main_command(argc, argv, inherited);
  } catch (const std::exception& broken) {
    lowtide::app::complain({lowtide::ErrorKind::internal, broken.what(), "internal error",
                            "please report it"});
    return 70;
  }
}
