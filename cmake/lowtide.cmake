# One library a folder, one test binary a folder, one place for flags.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()

find_program(LOWTIDE_CCACHE ccache)
if(LOWTIDE_CCACHE)
  # Relative to the source folder, so that a second clone finds what the first has compiled.
  set(launcher ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1
               ${LOWTIDE_CCACHE})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${launcher})
  set(CMAKE_C_COMPILER_LAUNCHER ${launcher})
endif()

add_compile_options(-Wall -Wextra)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  add_compile_options(-Wno-restrict)  # GCC 12 reports it falsely inside std::string (PR 105329)
endif()
option(LOWTIDE_WERROR "Warnings are errors" OFF)
if(LOWTIDE_WERROR)
  add_compile_options(-Werror)
endif()

set(LOWTIDE_SANITIZE "" CACHE STRING "Value for -fsanitize=, for example address,undefined")
if(LOWTIDE_SANITIZE)
  # Lines for a stack trace and nothing more: whole debug information costs a third of the build.
  add_compile_options(-fsanitize=${LOWTIDE_SANITIZE} -fno-omit-frame-pointer -g1)
  add_link_options(-fsanitize=${LOWTIDE_SANITIZE})
endif()

# lowtide_folder(<folder> [DEPS folder...] [LIBS target...])
# Makes lowtide_<folder> from the *.cc of this folder and, from its *_test.cc, the program
# lowtide_<folder>_test with the labels `unit` and the folder's name.
function(lowtide_folder folder)
  cmake_parse_arguments(ARG "" "" "DEPS;LIBS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/*.cc")
  set(tests ${sources})
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")
  list(FILTER sources EXCLUDE REGEX "_(test|bench|fuzz)\\.cc$")
  list(FILTER sources EXCLUDE REGEX "/main\\.cc$")
  set(deps ${ARG_DEPS})
  list(TRANSFORM deps PREPEND "lowtide_")
  if(sources)
    add_library(lowtide_${folder} STATIC ${sources})
    set(kind PUBLIC)
  else()
    add_library(lowtide_${folder} INTERFACE)
    set(kind INTERFACE)
  endif()
  target_include_directories(lowtide_${folder} ${kind} "${CMAKE_SOURCE_DIR}/src")
  target_link_libraries(lowtide_${folder} ${kind} ${deps} ${ARG_LIBS})
  if(LOWTIDE_TESTS AND tests)
    add_executable(lowtide_${folder}_test ${tests})
    target_link_libraries(lowtide_${folder}_test PRIVATE lowtide_${folder} GTest::gmock
                                                         GTest::gtest_main)
    target_compile_definitions(lowtide_${folder}_test
                               PRIVATE LOWTIDE_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
    gtest_discover_tests(lowtide_${folder}_test TEST_PREFIX "${folder}." DISCOVERY_MODE PRE_TEST
                         PROPERTIES TIMEOUT 120)
    # Two labels do not get through gtest_discover_tests: it takes the second for a property's name.
    set(labels "${CMAKE_CURRENT_BINARY_DIR}/labels.cmake")
    file(GENERATE OUTPUT "${labels}" CONTENT "if(lowtide_${folder}_test_TESTS)
  set_tests_properties(\${lowtide_${folder}_test_TESTS} PROPERTIES LABELS \"unit;${folder}\")
endif()
")
    set_property(DIRECTORY APPEND PROPERTY TEST_INCLUDE_FILES "${labels}")
  endif()
endfunction()
