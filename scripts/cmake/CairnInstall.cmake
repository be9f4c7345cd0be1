# What is installed, in two components:
#   runtime      the binary
#   development  the client and job libraries with headers, CMake package and pkg-config files
# (cmake --install BUILD --prefix DIR [--component runtime|development]; without: both)
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

# cairn_walk(TARGET): appends to CAIRN_WALK_OURS the static libraries of this project that TARGET
# consists of, itself included, and to CAIRN_WALK_THIRD what it links from elsewhere.
function(cairn_walk target)
  if(NOT TARGET ${target})
    if(IS_ABSOLUTE ${target} OR target MATCHES "^[A-Za-z0-9_]+$")
      list(APPEND CAIRN_WALK_THIRD ${target})
    endif()
  else()
    get_target_property(type ${target} TYPE)
    get_target_property(imported ${target} IMPORTED)
    if(imported)
      list(APPEND CAIRN_WALK_THIRD ${target})
    elseif(NOT ${target} IN_LIST CAIRN_WALK_OURS)
      # Interface targets each time they are met: what they link must stand behind every user.
      if(type STREQUAL "STATIC_LIBRARY")
        list(APPEND CAIRN_WALK_OURS ${target})
      endif()
      get_target_property(links ${target} INTERFACE_LINK_LIBRARIES)
      if(links)
        foreach(link ${links})
          cairn_walk(${link})
        endforeach()
      endif()
    endif()
  endif()
  set(CAIRN_WALK_OURS "${CAIRN_WALK_OURS}" PARENT_SCOPE)
  set(CAIRN_WALK_THIRD "${CAIRN_WALK_THIRD}" PARENT_SCOPE)
endfunction()

# cairn_bundle(<name> FROM target [WITHOUT bundle]): one archive lib<name>.a with the objects of
# the target and of every library of ours beneath it, less those that another bundle has: users link
# one file, whatever our folders are. Sets <name>_THIRD to third-party libraries, in link order.
function(cairn_bundle name)
  cmake_parse_arguments(ARG "" "FROM;WITHOUT" "" ${ARGN})
  set(CAIRN_WALK_OURS)
  set(CAIRN_WALK_THIRD)
  cairn_walk(${ARG_FROM})
  set(members ${CAIRN_WALK_OURS})
  if(ARG_WITHOUT)
    list(REMOVE_ITEM members ${${ARG_WITHOUT}_MEMBERS})
  endif()
  set(objects)
  foreach(member ${members})
    list(APPEND objects $<TARGET_OBJECTS:${member}>)
  endforeach()
  add_library(${name}_bundle STATIC ${objects})
  set_target_properties(${name}_bundle PROPERTIES OUTPUT_NAME ${name} LINKER_LANGUAGE CXX
                        ARCHIVE_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/lib)
  # A dependency stands behind all that need it: of repeated ones the last counts.
  list(REVERSE CAIRN_WALK_THIRD)
  list(REMOVE_DUPLICATES CAIRN_WALK_THIRD)
  list(REVERSE CAIRN_WALK_THIRD)
  # By name, not by this machine's paths: "kj-async" for /usr/lib/.../libkj-async.a. What is linked
  # as a shared library here, because its archive will not do, is so for users: ":unwind".
  set(names)
  foreach(library ${CAIRN_WALK_THIRD})
    if(library MATCHES "/lib([^/]+)\\.a$")
      list(APPEND names ${CMAKE_MATCH_1})
    elseif(library MATCHES "/lib([^/]+)\\.so$")
      list(APPEND names ":${CMAKE_MATCH_1}")
    elseif(NOT library STREQUAL "Threads::Threads")
      list(APPEND names ${library})
    endif()
  endforeach()
  install(FILES $<TARGET_FILE:${name}_bundle> DESTINATION ${CMAKE_INSTALL_LIBDIR}
          COMPONENT development)
  set(${name}_MEMBERS ${CAIRN_WALK_OURS} PARENT_SCOPE)
  set(${name}_THIRD ${names} PARENT_SCOPE)
endfunction()

# cairn_pkgconfig(<name> DESCRIPTION text LIBS name ...)
function(cairn_pkgconfig name)
  cmake_parse_arguments(ARG "" "DESCRIPTION;REQUIRES" "LIBS" ${ARGN})
  list(TRANSFORM ARG_LIBS REPLACE "^:?(.+)$" "-l\\1")
  list(APPEND ARG_LIBS -pthread)
  list(JOIN ARG_LIBS " " ARG_LIBS)
  set(CAIRN_PC_NAME ${name})
  set(CAIRN_PC_DESCRIPTION ${ARG_DESCRIPTION})
  set(CAIRN_PC_LIBS ${ARG_LIBS})
  set(CAIRN_PC_REQUIRES ${ARG_REQUIRES})
  configure_file(${CMAKE_SOURCE_DIR}/scripts/cmake/cairn.pc.in ${CMAKE_BINARY_DIR}/${name}.pc @ONLY)
  install(FILES ${CMAKE_BINARY_DIR}/${name}.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig
          COMPONENT development)
endfunction()

install(TARGETS cairn RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT runtime)
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT runtime)

if(NOT TARGET client_library)
  return()
endif()

# The client library. <cairn/status.h> is common/base/status.h itself.
cairn_bundle(cairn FROM client_library)
install(DIRECTORY client/include/cairn DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
        COMPONENT development FILES_MATCHING PATTERN "*.h" PATTERN status.h EXCLUDE)
install(FILES common/base/status.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/cairn
        COMPONENT development)
cairn_pkgconfig(cairn DESCRIPTION "Client library of the Cairn distributed file system"
                LIBS cairn ${cairn_THIRD})

# The job library.
set(CAIRN_HAS_MAPREDUCE OFF)
if(TARGET mapreduce_task)
  set(CAIRN_HAS_MAPREDUCE ON)
  cairn_bundle(cairn_mapreduce FROM mapreduce_task WITHOUT cairn)
  install(DIRECTORY mapreduce/api/include/cairn DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
          COMPONENT development FILES_MATCHING PATTERN "*.h")
  cairn_pkgconfig(cairn_mapreduce DESCRIPTION "MapReduce jobs on Cairn"
                  LIBS cairn_mapreduce cairn ${cairn_mapreduce_THIRD})
endif()

set(CAIRN_CONFIG_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/cairn)
configure_package_config_file(scripts/cmake/cairnConfig.cmake.in
  ${CMAKE_BINARY_DIR}/cairnConfig.cmake INSTALL_DESTINATION ${CAIRN_CONFIG_DIR})
# Before 1.0 each minor version may change what programs see.
write_basic_package_version_file(${CMAKE_BINARY_DIR}/cairnConfigVersion.cmake
                                 COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/cairnConfig.cmake ${CMAKE_BINARY_DIR}/cairnConfigVersion.cmake
        DESTINATION ${CAIRN_CONFIG_DIR} COMPONENT development)
