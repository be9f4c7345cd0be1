# One target a folder, explicit sources: a boundary that the build itself enforces.

# cairn_library(<name> SOURCES a.cc ... DEPS other_target ...)
# A static library whose include root is the source root.
function(cairn_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  target_include_directories(${name} PUBLIC ${CMAKE_SOURCE_DIR} ${CMAKE_SOURCE_DIR}/client/include)
  target_compile_options(${name} PRIVATE ${CAIRN_WARNINGS})
  target_link_libraries(${name} PUBLIC ${ARG_DEPS})
endfunction()

# cairn_capnp(<name> FILES x.capnp ...): the generated code of Cap'n Proto schemas in this folder,
# included as "common/schema/x.capnp.h".
function(cairn_capnp name)
  cmake_parse_arguments(ARG "" "" "FILES" ${ARGN})
  set(out ${CMAKE_BINARY_DIR}/generated)
  file(MAKE_DIRECTORY ${out})
  set(sources)
  foreach(file ${ARG_FILES})
    file(RELATIVE_PATH rel ${CMAKE_SOURCE_DIR} ${CMAKE_CURRENT_SOURCE_DIR}/${file})
    set(stem ${out}/${rel})
    add_custom_command(
      OUTPUT ${stem}.c++ ${stem}.h
      COMMAND ${CAIRN_CAPNP} compile -o${CAIRN_CAPNPC_CXX}:${out} --src-prefix=${CMAKE_SOURCE_DIR}
              -I${CMAKE_SOURCE_DIR} ${CMAKE_CURRENT_SOURCE_DIR}/${file}
      DEPENDS ${ARG_FILES} VERBATIM)
    list(APPEND sources ${stem}.c++ ${stem}.h)
  endforeach()
  add_library(${name} STATIC ${sources})
  target_include_directories(${name} SYSTEM PUBLIC ${out})
  target_include_directories(${name} PUBLIC ${CMAKE_SOURCE_DIR})
  target_link_libraries(${name} PUBLIC cairn_dep_capnp cairn_kj_compat)
endfunction()

# cairn_proto(<name> FILES x.proto ...): the generated code of Protobuf records in this folder,
# included as "common/schema/x.pb.h".
function(cairn_proto name)
  cmake_parse_arguments(ARG "" "" "FILES" ${ARGN})
  set(out ${CMAKE_BINARY_DIR}/generated)
  file(MAKE_DIRECTORY ${out})
  set(sources)
  foreach(file ${ARG_FILES})
    file(RELATIVE_PATH rel ${CMAKE_SOURCE_DIR} ${CMAKE_CURRENT_SOURCE_DIR}/${file})
    string(REGEX REPLACE "\\.proto$" "" stem ${rel})
    add_custom_command(
      OUTPUT ${out}/${stem}.pb.cc ${out}/${stem}.pb.h
      COMMAND ${CAIRN_PROTOC} --cpp_out=${out} -I${CMAKE_SOURCE_DIR} ${CMAKE_CURRENT_SOURCE_DIR}/${file}
      DEPENDS ${ARG_FILES} VERBATIM)
    list(APPEND sources ${out}/${stem}.pb.cc ${out}/${stem}.pb.h)
  endforeach()
  add_library(${name} STATIC ${sources})
  target_include_directories(${name} SYSTEM PUBLIC ${out})
  target_link_libraries(${name} PUBLIC cairn_dep_protobuf)
endfunction()

# How ctest schedules and runs the test, by its caller's ARG_LABELS, ARG_CPUS, ARG_TIMEOUT and
# ARG_ENVIRONMENT.
macro(cairn_test_properties name)
  if(NOT ARG_LABELS)
    set(ARG_LABELS unit)
  endif()
  if(NOT ARG_CPUS)
    set(ARG_CPUS 1)
  endif()
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 120)
  endif()
  list(APPEND ARG_ENVIRONMENT "CAIRN_BINARY=$<TARGET_FILE:cairn>")
  set_tests_properties(${name} PROPERTIES LABELS "${ARG_LABELS}" PROCESSORS ${ARG_CPUS}
                       TIMEOUT ${ARG_TIMEOUT} ENVIRONMENT "${ARG_ENVIRONMENT}")
endmacro()

# cairn_test(<name> SOURCES a_test.cc ... DEPS lib ... [LABELS unit] [CPUS n] [TIMEOUT seconds]
#            [ARGS ...]): one GoogleTest program, one ctest entry. Tests declare the cores they keep
# busy; ctest schedules by that.
function(cairn_test name)
  cmake_parse_arguments(ARG "" "CPUS;TIMEOUT" "SOURCES;DEPS;LABELS;ARGS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR})
  target_compile_options(${name} PRIVATE ${CAIRN_WARNINGS})
  target_link_libraries(${name} PRIVATE ${ARG_DEPS} cairn_dep_gtest cairn_dep_allocator)
  add_test(NAME ${name} COMMAND ${name} ${ARG_ARGS})
  cairn_test_properties(${name})
endfunction()

# cairn_test_again(<name> OF <test> [ARGS ...] [ENVIRONMENT A=b ...] [LABELS ...] [CPUS n] [TIMEOUT s]):
# the program of another test once more, with other arguments or surroundings.
function(cairn_test_again name)
  cmake_parse_arguments(ARG "" "OF;CPUS;TIMEOUT" "ARGS;ENVIRONMENT;LABELS" ${ARGN})
  add_test(NAME ${name} COMMAND ${ARG_OF} ${ARG_ARGS})
  # Scripts build tests by their names.
  add_custom_target(${name} DEPENDS ${ARG_OF})
  cairn_test_properties(${name})
endfunction()

# cairn_fuzz(<name> SOURCES a_fuzz.cc DEPS lib ...): one libFuzzer program, built by the preset `fuzz`
# only. Seeds lie in tests/fuzz/corpus/<name>; `scripts/dev fuzz <name>` runs it.
function(cairn_fuzz name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR})
  target_compile_options(${name} PRIVATE ${CAIRN_WARNINGS})
  target_link_libraries(${name} PRIVATE ${ARG_DEPS} -fsanitize=fuzzer)
  if(NOT TARGET fuzz_targets)
    add_custom_target(fuzz_targets)
  endif()
  add_dependencies(fuzz_targets ${name})
endfunction()
