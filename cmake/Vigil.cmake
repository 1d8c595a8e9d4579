# What every target of the project shares, and the three ways a target is declared.
#
# vigil_library(<folder> [LINK ...])    lib/<folder>/*.cpp -> static library vigil_<folder>
# vigil_test(<name> [SOURCES ...] [LINK ...] [LABELS ...])  a GoogleTest program, registered with ctest
# vigil_binary(<name> SOURCES ... LINK ...)

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

# Heavy third-party headers are quiet system headers behind one name each; only the folder that the plan
# names as their user links them.
function(vigil_library folder)
  cmake_parse_arguments(ARG "" "" "LINK" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  if(sources)
    add_library(vigil_${folder} STATIC ${sources})
    target_link_libraries(vigil_${folder} PUBLIC vigil_options ${ARG_LINK})
  else()
    add_library(vigil_${folder} INTERFACE)
    target_link_libraries(vigil_${folder} INTERFACE vigil_options ${ARG_LINK})
  endif()
endfunction()

function(vigil_binary name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE vigil_options ${ARG_LINK})
endfunction()

# A test program is one executable for one folder of tests/: all *_test.cpp of the calling folder unless
# SOURCES says otherwise. gtest_discover_tests is not used: one ctest entry a program starts fewer processes.
function(vigil_test name)
  cmake_parse_arguments(ARG "" "TIMEOUT" "SOURCES;LINK;LABELS" ${ARGN})
  if(NOT ARG_SOURCES)
    file(GLOB ARG_SOURCES CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*_test.cpp)
  endif()
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 120)
  endif()
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE vigil_options ${ARG_LINK} GTest::gmock GTest::gtest_main)
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/tests)
  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES TIMEOUT ${ARG_TIMEOUT} LABELS "${ARG_LABELS}"
    ENVIRONMENT "VIGIL_SOURCE_DIR=${PROJECT_SOURCE_DIR};VIGIL_BIN_DIR=${CMAKE_BINARY_DIR}/bin")
endfunction()
