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
file(WRITE ${work}/words "to be or not\nto be\n")
run(${work}/cmake/job --local ${work}/words ${work}/counts)
file(READ ${work}/counts/part-r-00000 counts)
if(NOT counts STREQUAL "be\t2\nnot\t1\nor\t1\nto\t2\n")
  message(FATAL_ERROR "the job counted otherwise:\n${counts}")
endif()

find_program(PKG_CONFIG pkg-config REQUIRED)
file(GLOB_RECURSE file ${prefix}/cairn.pc)
get_filename_component(directory ${file} DIRECTORY)
execute_process(COMMAND ${CMAKE_COMMAND} -E env PKG_CONFIG_PATH=${directory}
                        ${PKG_CONFIG} --cflags --libs cairn
                OUTPUT_VARIABLE flags OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
separate_arguments(flags UNIX_COMMAND "${flags}")
run(${COMPILER} -std=c++23 ${SOURCE}/main.cc -o ${work}/by_pkg_config ${flags})
run(${work}/by_pkg_config)

# Every public header compiles alone.
file(GLOB headers RELATIVE ${prefix}/include ${prefix}/include/cairn/*.h)
foreach(header ${headers})
  file(WRITE ${work}/alone.cc "#include <${header}>\n")
  run(${COMPILER} -std=c++23 -fsyntax-only -Wall -Wextra -Werror -I${prefix}/include ${work}/alone.cc)
endforeach()

file(REMOVE_RECURSE ${work})
