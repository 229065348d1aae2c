include(GoogleTest)

# gantry_hot(FILE...): what every request runs through, compiled with more care. Here rather than for all, because the
# rest waits for disks and containers, and a clean build has to stay short.
function(gantry_hot)
    set_source_files_properties(${ARGN} PROPERTIES COMPILE_OPTIONS -O2 SKIP_PRECOMPILE_HEADERS ON)
endfunction()

# Headers for gantry_folder's PRECOMPILE: what everything around Asio reads.
set(GANTRY_ASIO_HEADERS
    <algorithm> <chrono> <functional> <map> <memory> <optional> <set> <string> <string_view> <unordered_map> <variant>
    <vector> <boost/asio/any_io_executor.hpp> <boost/asio/as_tuple.hpp> <boost/asio/awaitable.hpp>
    <boost/asio/co_spawn.hpp> <boost/asio/detached.hpp> <boost/asio/io_context.hpp> <boost/asio/post.hpp>
    <boost/asio/steady_timer.hpp> <boost/asio/use_awaitable.hpp> <base/log.h> <base/result.h>)

# gantry_folder(NAME DEPS lib... [GENERATED file...] [TEST_DEPS lib...] [PRECOMPILE <header>...])
# One library per folder: gantry_NAME from all sources here; *_test.cpp become NAME_test (one ctest entry),
# *_bench.cpp and *_fuzz.cpp are left to the folders bench/ and tests/fuzz.
function(gantry_folder name)
    cmake_parse_arguments(F "" "" "DEPS;GENERATED;TEST_DEPS;PRECOMPILE" ${ARGN})
    file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
    set(tests ${sources})
    list(FILTER tests INCLUDE REGEX "_test\\.cpp$")
    list(FILTER sources EXCLUDE REGEX "_(test|bench|fuzz)\\.cpp$")
    if(sources OR F_GENERATED)
        add_library(gantry_${name} STATIC ${sources} ${F_GENERATED})
        set(scope PUBLIC)
    else()
        add_library(gantry_${name} INTERFACE)
        set(scope INTERFACE)
    endif()
    target_include_directories(gantry_${name} ${scope} ${CMAKE_SOURCE_DIR}/src ${CMAKE_BINARY_DIR}/gen)
    target_link_libraries(gantry_${name} ${scope} ${F_DEPS} Threads::Threads)
    if(F_PRECOMPILE AND GANTRY_PRECOMPILED_HEADERS)
        target_precompile_headers(gantry_${name} PRIVATE ${F_PRECOMPILE})
    endif()
    if(tests)
        add_executable(${name}_test ${tests})
        target_link_libraries(${name}_test PRIVATE gantry_${name} ${F_TEST_DEPS} gtest gmock gtest_main)
        if(F_PRECOMPILE AND GANTRY_PRECOMPILED_HEADERS)
            target_precompile_headers(${name}_test REUSE_FROM gantry_${name})
        endif()
        add_test(NAME ${name} COMMAND ${name}_test WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
        set_tests_properties(${name} PROPERTIES LABELS unit TIMEOUT 600)
    endif()
endfunction()
