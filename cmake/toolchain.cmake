# Compiler, linker and warning settings that hold for every target.

# Reading headers is most of a unit's compile time. Off, each unit must include what it uses, and ccache serves units to
# other checkouts too.
option(GANTRY_PRECOMPILED_HEADERS "compile the headers that a folder's units share once" ON)
find_program(CCACHE ccache)
if(CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
    set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
    if(GANTRY_PRECOMPILED_HEADERS)
        # Without this it would not keep units that read a precompiled header.
        set(CMAKE_CXX_COMPILER_LAUNCHER env CCACHE_SLOPPINESS=pch_defines,time_macros ${CCACHE})
    endif()
endif()
find_program(MOLD mold)
if(MOLD)
    add_link_options(-fuse-ld=mold)
endif()
add_compile_options(-Wall -Wextra -Wno-missing-field-initializers -fno-omit-frame-pointer)
# Coroutine frames of GCC 12 make false "maybe uninitialized" and "mismatched new/delete" reports.
# Other compilers (the fuzz preset's) warn of other things, which stops nobody.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    add_compile_options(-Werror -Wno-maybe-uninitialized -Wno-mismatched-new-delete)
    if(GANTRY_PRECOMPILED_HEADERS)
        # False reports inside std::string, silent otherwise because they lie in a system's header: precompiled, GCC no
        # longer knows that.
        add_compile_options(-Wno-array-bounds -Wno-restrict -Wno-stringop-overflow -Wno-stringop-overread)
    endif()
endif()
# Paths of the build machine stay out of the program, and ccache serves every checkout.
add_compile_options(-ffile-prefix-map=${CMAKE_SOURCE_DIR}/=)
add_compile_definitions(BOOST_ASIO_SEPARATE_COMPILATION BOOST_BEAST_SEPARATE_COMPILATION
                        BOOST_ASIO_NO_DEPRECATED BOOST_ALLOW_DEPRECATED_HEADERS)

set(GANTRY_SANITIZE "" CACHE STRING "address;undefined or thread")
if(GANTRY_SANITIZE)
    string(REPLACE ";" "," sanitizers "${GANTRY_SANITIZE}")
    add_compile_options(-fsanitize=${sanitizers} -fno-sanitize-recover=all)
    if(sanitizers STREQUAL "thread")
        # It does not understand fences; what Asio means by them its queues' locks say too.
        add_compile_options(-Wno-tsan)
        add_compile_definitions(BOOST_ASIO_DISABLE_FENCED_BLOCK)
    endif()
    add_link_options(-fsanitize=${sanitizers})
endif()
find_package(Threads REQUIRED)
