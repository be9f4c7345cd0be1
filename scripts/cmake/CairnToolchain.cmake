# Compiler settings that hold for every target. clang only: g++ 12 miscompiles coroutines that
# return kj::Promise (see docs/decisions/0002_coroutines_on_kj_0_9.md).
if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang" OR CMAKE_CXX_COMPILER_VERSION VERSION_LESS 19)
  message(FATAL_ERROR "cairn needs clang 19 or newer; configure with a preset: cmake --preset release")
endif()

option(CAIRN_TESTS "Build the tests" ON)
option(CAIRN_WERROR "Warnings are errors" OFF)
option(CAIRN_FUZZ "Build the libFuzzer targets" OFF)
option(CAIRN_COVERAGE "Instrument for source-based coverage" OFF)
set(CAIRN_SANITIZE "" CACHE STRING "Sanitizers, as for -fsanitize=")

set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_CXX_SCAN_FOR_MODULES OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release)
endif()
# -O2 without NDEBUG: CHECKs that protect data stay in what users run.
set(CMAKE_CXX_FLAGS_RELEASE "-O2")
set(CMAKE_C_FLAGS_RELEASE "-O2")
set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O1 -g1")
set(CMAKE_C_FLAGS_RELWITHDEBINFO "-O1 -g1")

# The baseline is x86-64-v2 plus CRC32 (any server since 2011); other processors take their default.
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
  add_compile_options(-march=x86-64-v2)
endif()
add_compile_options(-fno-omit-frame-pointer -ffunction-sections -fdata-sections)
add_link_options(-fuse-ld=lld-19 -Wl,--gc-sections)

if(CAIRN_SANITIZE)
  add_compile_options(-fsanitize=${CAIRN_SANITIZE} -fno-sanitize-recover=undefined)
  add_link_options(-fsanitize=${CAIRN_SANITIZE})
  # KJ downcasts unrelated bases on purpose (ExceptionOr<T> through ExceptionOrValue).
  if(CAIRN_SANITIZE MATCHES "undefined")
    add_compile_options(-fno-sanitize=vptr)
    add_link_options(-fno-sanitize=vptr)
  endif()
endif()
if(CAIRN_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
if(CAIRN_COVERAGE)
  add_compile_options(-fprofile-instr-generate -fcoverage-mapping)
  add_link_options(-fprofile-instr-generate -fcoverage-mapping)
endif()

find_program(CAIRN_CCACHE ccache)
if(CAIRN_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CAIRN_CCACHE})
  set(CMAKE_C_COMPILER_LAUNCHER ${CAIRN_CCACHE})
endif()

# Designated initialisers name what differs from the default; the rest is meant to be left out.
set(CAIRN_WARNINGS -Wall -Wextra -Wno-unused-parameter -Wno-missing-designated-field-initializers
    -Wthread-safety)
if(CAIRN_WERROR)
  list(APPEND CAIRN_WARNINGS -Werror)
endif()
