# cmake -DCOMPILER=.. -DCASE=file.cc -DINCLUDE=src -P check.cmake
# The right half proves that the wrong half fails for what it says and not for a missing header; the
# message must be one about types, so that a misspelt name does not count as a failure either.
set(command "${COMPILER}" -std=c++20 -fsyntax-only "-I${INCLUDE}" -x c++ "${CASE}")

execute_process(COMMAND ${command} RESULT_VARIABLE right ERROR_VARIABLE said)
if(NOT right EQUAL 0)
  message(FATAL_ERROR "does not compile as it is:\n${said}")
endif()

execute_process(COMMAND ${command} -DLOWTIDE_WRONG RESULT_VARIABLE wrong ERROR_VARIABLE said)
if(wrong EQUAL 0)
  message(FATAL_ERROR "compiles with LOWTIDE_WRONG, and must not")
endif()
if(said MATCHES "not declared|undeclared|No such file|does not name a type|expected ")
  message(FATAL_ERROR "fails for another reason than its types:\n${said}")
endif()
if(NOT said MATCHES "no match for|no viable|invalid operands|cannot convert|could not convert|conversion from|no known conversion|no matching|no conversion")
  message(FATAL_ERROR "fails, but not over types:\n${said}")
endif()
