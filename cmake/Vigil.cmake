# What every target of the project shares, and the ways a target is declared.
#
# vigil_library(<folder> [LINK ...])    lib/<folder>/*.cpp -> static library vigil_<folder>
# vigil_test(<name> [SOURCES ...] [LINK ...] [LABELS ...])  a GoogleTest program, registered with ctest
# vigil_binary(<name> SOURCES ... LINK ...)
# vigil_python_test(<name> SCRIPT ... [ARGS ...] [LABELS ...])  a Python 3 script, registered with ctest
#
# Targets that build a part: vigil_unit_tests (all GoogleTest programs), vigil_threaded_tests (those of the
# folders that have threads, or of LABELS threaded) and vigil_programs (the programs that ship). tests/run builds the
# first two under the sanitizers. ctest labels: unit, threaded, and whatever LABELS adds.

find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(OpenSSL 3.0 REQUIRED)
find_package(Boost 1.74 REQUIRED COMPONENTS system)
find_package(cpprestsdk REQUIRED)
find_package(spdlog REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(simdjson REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(ZLIB REQUIRED)
find_package(CLI11 REQUIRED)
find_package(tl-expected REQUIRED)
pkg_check_modules(SYSTEMD REQUIRED IMPORTED_TARGET libsystemd)

add_library(vigil_options INTERFACE)
target_compile_options(vigil_options INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror
  -fstack-protector-strong -fno-omit-frame-pointer)
target_include_directories(vigil_options INTERFACE ${PROJECT_SOURCE_DIR}/lib)
target_link_libraries(vigil_options INTERFACE Threads::Threads tl::expected)
if(CMAKE_BUILD_TYPE STREQUAL "RelWithDebInfo" OR CMAKE_BUILD_TYPE STREQUAL "Release")
  target_compile_definitions(vigil_options INTERFACE _FORTIFY_SOURCE=2)
endif()
if(VIGIL_SANITIZE)
  target_compile_options(vigil_options INTERFACE -fsanitize=${VIGIL_SANITIZE} -fno-sanitize-recover=all)
  target_link_options(vigil_options INTERFACE -fsanitize=${VIGIL_SANITIZE})
endif()

# Precompiled headers (VIGIL_PCH, the sanitizer presets), since parsing is most of what a small file costs: one for all
# libraries, one for all tests, with GoogleTest. The release preset does without, so that a header which does not include
# what it needs is found, and because GCC 12 reports bounds inside its own std::string behind one; the dev preset too,
# because ccache cannot share what was compiled with one between folders.
set(VIGIL_STD_HEADERS <algorithm> <array> <chrono> <cstdint> <functional> <map> <memory> <optional> <span> <string>
    <string_view> <utility> <variant> <vector>)
# vigil_precompile(<target> <headers target> [HEADERS ...] [LINK ...]): what the headers define comes with LINK.
function(vigil_precompile target headers_target)
  cmake_parse_arguments(ARG "" "" "HEADERS;LINK" ${ARGN})
  if(NOT TARGET ${headers_target})
    file(WRITE ${CMAKE_BINARY_DIR}/${headers_target}.cpp "")
    add_library(${headers_target} OBJECT ${CMAKE_BINARY_DIR}/${headers_target}.cpp)
    target_link_libraries(${headers_target} PRIVATE vigil_options ${ARG_LINK})
    target_precompile_headers(${headers_target} PRIVATE ${VIGIL_STD_HEADERS} <tl/expected.hpp> ${ARG_HEADERS})
  endif()
  target_precompile_headers(${target} REUSE_FROM ${headers_target})
endfunction()

# vigil_unite(<target> [ALONE <file>...]): with VIGIL_UNITY (all presets but dev) eight files of it are compiled as one, because
# what they include costs more than what they say. ALONE: files whose names in unnamed namespaces meet others'. Called by the
# folders with most to gain; dev compiles each file by itself, and so finds one that does not include what it needs.
# A local name does not shadow what another file keeps to itself; dev warns of those that shadow their own file's.
add_library(vigil_unity_options INTERFACE)
target_compile_options(vigil_unity_options INTERFACE -Wno-shadow)
function(vigil_unite target)
  cmake_parse_arguments(ARG "" "" "ALONE" ${ARGN})
  if(VIGIL_UNITY)
    set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 8)
    # Linked last: its option has to follow those of vigil_options.
    target_link_libraries(${target} PRIVATE vigil_unity_options)
    set_source_files_properties(${ARG_ALONE} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
  endif()
endfunction()

# Heavy third-party headers are quiet system headers behind one name each; only the folder that the plan
# names as their user links them.
function(vigil_library folder)
  cmake_parse_arguments(ARG "" "" "LINK" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  if(sources)
    add_library(vigil_${folder} STATIC ${sources})
    target_link_libraries(vigil_${folder} PUBLIC vigil_options ${ARG_LINK})
    if(VIGIL_PCH)
      vigil_precompile(vigil_${folder} vigil_library_headers
        HEADERS <nlohmann/json.hpp> <simdjson.h> LINK simdjson::simdjson nlohmann_json::nlohmann_json)
    endif()
  else()
    add_library(vigil_${folder} INTERFACE)
    target_link_libraries(vigil_${folder} INTERFACE vigil_options ${ARG_LINK})
  endif()
endfunction()

add_custom_target(vigil_programs)
add_custom_target(vigil_unit_tests)
add_custom_target(vigil_threaded_tests)
set(VIGIL_THREADED_FOLDERS base log journal net binance runtime)

function(vigil_binary name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE vigil_options ${ARG_LINK})
  add_dependencies(vigil_programs ${name})
endfunction()

# The libraries are optimised as they ship, the tests of them are not: a test runs a few times, and optimising it takes
# longer than running it.
add_library(vigil_test_options INTERFACE)
target_compile_options(vigil_test_options INTERFACE -O0 -U_FORTIFY_SOURCE)

# A test program is one executable for one folder of tests/: all *_test.cpp of the calling folder unless
# SOURCES says otherwise. gtest_discover_tests is not used: one ctest entry a program starts fewer processes.
# OPTIMISED: for what runs so long that it pays.
function(vigil_test name)
  cmake_parse_arguments(ARG "OPTIMISED" "TIMEOUT" "SOURCES;LINK;LABELS" ${ARGN})
  if(NOT ARG_SOURCES)
    file(GLOB ARG_SOURCES CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*_test.cpp)
  endif()
  if(NOT ARG_SOURCES)
    # Must not keep everybody else from configuring; layout_include_rules fails for such a folder.
    message(STATUS "${name} has no *_test.cpp: left out")
    return()
  endif()
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 120)
  endif()
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE vigil_options ${ARG_LINK} GTest::gmock GTest::gtest_main)
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/tests)
  if(NOT ARG_OPTIMISED)
    target_link_libraries(${name} PRIVATE vigil_test_options)
  endif()
  if(VIGIL_PCH AND NOT ARG_OPTIMISED)
    vigil_precompile(${name} vigil_test_headers HEADERS <gmock/gmock.h> <gtest/gtest.h> LINK vigil_test_options GTest::gmock)
  endif()
  add_test(NAME ${name} COMMAND ${name})
  get_filename_component(folder ${CMAKE_CURRENT_SOURCE_DIR} NAME)
  if(folder IN_LIST VIGIL_THREADED_FOLDERS)
    list(APPEND ARG_LABELS threaded)
  endif()
  list(APPEND ARG_LABELS unit)
  list(REMOVE_DUPLICATES ARG_LABELS)
  add_dependencies(vigil_unit_tests ${name})
  if("threaded" IN_LIST ARG_LABELS)
    add_dependencies(vigil_threaded_tests ${name})
  endif()
  set_tests_properties(${name} PROPERTIES TIMEOUT ${ARG_TIMEOUT} LABELS "${ARG_LABELS}"
    ENVIRONMENT "VIGIL_SOURCE_DIR=${PROJECT_SOURCE_DIR};VIGIL_BIN_DIR=${CMAKE_BINARY_DIR}/bin;TSAN_OPTIONS=suppressions=${PROJECT_SOURCE_DIR}/tests/tsan.supp")
endfunction()

# Exit status 77 of a script means that something it needs is not on this machine: ctest reports it as skipped.
function(vigil_python_test name)
  cmake_parse_arguments(ARG "" "TIMEOUT;SCRIPT" "ARGS;LABELS" ${ARGN})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 120)
  endif()
  add_test(NAME ${name} COMMAND python3 -B ${CMAKE_CURRENT_SOURCE_DIR}/${ARG_SCRIPT} ${ARG_ARGS})
  set_tests_properties(${name} PROPERTIES TIMEOUT ${ARG_TIMEOUT} LABELS "${ARG_LABELS}" SKIP_RETURN_CODE 77
    ENVIRONMENT "VIGIL_SOURCE_DIR=${PROJECT_SOURCE_DIR};VIGIL_BIN_DIR=${CMAKE_BINARY_DIR}/bin;PYTHONPATH=${PROJECT_SOURCE_DIR}/tests/layout:${PROJECT_SOURCE_DIR}/tests/daemon:${PROJECT_SOURCE_DIR}/deploy")
endfunction()
