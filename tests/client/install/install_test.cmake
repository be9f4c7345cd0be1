# Protects what users build against: the installed headers need nothing of the source tree, the one
# archive holds all of our code, and both ways to find it (CMake package, pkg-config) give a
# program that links and runs.
#   cmake -DBUILD=<build tree> -DSOURCE=<this folder> -DCOMPILER=<c++> -P install_test.cmake
set(work ${BUILD}/install_test)
file(REMOVE_RECURSE ${work})
set(prefix ${work}/prefix)

function(run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE code OUTPUT_VARIABLE out ERROR_VARIABLE out)
  if(NOT code EQUAL 0)
    message(FATAL_ERROR "failed with ${code}: ${ARGN}\n${out}")
  endif()
endfunction()

run(${CMAKE_COMMAND} --install ${BUILD} --prefix ${prefix} --component development)

# As the system's user would: found by its prefix alone, compiled by any C++23 compiler.
run(${CMAKE_COMMAND} -S ${SOURCE} -B ${work}/cmake -DCMAKE_PREFIX_PATH=${prefix}
    -DCMAKE_CXX_COMPILER=${COMPILER} -DJOB_SOURCE=${SOURCE}/../../../mapreduce/examples/wordcount.cc)
run(${CMAKE_COMMAND} --build ${work}/cmake)
run(${work}/cmake/separate)

function(run_job program)
  file(WRITE ${work}/words "to be or not\nto be\n")
  file(REMOVE_RECURSE ${work}/counts)
  run(${program} --local ${work}/words ${work}/counts)
  file(READ ${work}/counts/part-r-00000 counts)
  if(NOT counts STREQUAL "be\t2\nnot\t1\nor\t1\nto\t2\n")
    message(FATAL_ERROR "${program} counted otherwise:\n${counts}")
  endif()
endfunction()
run_job(${work}/cmake/job)

find_program(PKG_CONFIG pkg-config REQUIRED)
file(GLOB_RECURSE file ${prefix}/cairn.pc)
get_filename_component(directory ${file} DIRECTORY)
function(build_by_pkg_config package source program)
  execute_process(COMMAND ${CMAKE_COMMAND} -E env PKG_CONFIG_PATH=${directory}
                          ${PKG_CONFIG} --cflags --libs ${package}
                  OUTPUT_VARIABLE flags OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
  separate_arguments(flags UNIX_COMMAND "${flags}")
  run(${COMPILER} -std=c++23 ${source} -o ${program} ${flags})
endfunction()
build_by_pkg_config(cairn ${SOURCE}/main.cc ${work}/by_pkg_config)
run(${work}/by_pkg_config)
build_by_pkg_config(cairn_mapreduce ${SOURCE}/../../../mapreduce/examples/wordcount.cc
                    ${work}/job_by_pkg_config)
run_job(${work}/job_by_pkg_config)

# Every public header compiles alone.
file(GLOB_RECURSE headers RELATIVE ${prefix}/include ${prefix}/include/cairn/*.h)
foreach(header ${headers})
  file(WRITE ${work}/alone.cc "#include <${header}>\n")
  run(${COMPILER} -std=c++23 -fsyntax-only -Wall -Wextra -Werror -I${prefix}/include ${work}/alone.cc)
endforeach()

file(REMOVE_RECURSE ${work})
