# Generated shapes and dispatch tables. The generator runs when a model, the generator or a handler file changes and
# writes only what differs, so ninja stops early.
find_package(Python3 REQUIRED COMPONENTS Interpreter)
set(GANTRY_GEN ${CMAKE_BINARY_DIR}/gen)
set(GANTRY_CODEGEN ${CMAKE_SOURCE_DIR}/codegen)
file(GLOB GANTRY_CODEGEN_FILES CONFIGURE_DEPENDS ${GANTRY_CODEGEN}/*.py)
list(FILTER GANTRY_CODEGEN_FILES EXCLUDE REGEX "derive_models|_test\\.py")

# gantry_generate(OUTPUTS file... DEPENDS file... ARGUMENTS word...)
function(gantry_generate)
    cmake_parse_arguments(G "" "" "OUTPUTS;DEPENDS;ARGUMENTS" ${ARGN})
    add_custom_command(
        OUTPUT ${G_OUTPUTS}
        COMMAND ${Python3_EXECUTABLE} ${GANTRY_CODEGEN}/generate.py ${G_ARGUMENTS} --out ${GANTRY_GEN}
        DEPENDS ${GANTRY_CODEGEN_FILES} ${G_DEPENDS}
        COMMENT "Generating ${G_ARGUMENTS}"
        VERBATIM)
endfunction()

# Sources of a domain folder that may define handlers.
function(gantry_handler_files variable)
    set(found)
    foreach(folder IN LISTS ARGN)
        file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${folder}/*.cpp)
        list(APPEND found ${sources})
    endforeach()
    list(FILTER found EXCLUDE REGEX "_(test|bench|fuzz)\\.cpp$")
    set(${variable} ${found} PARENT_SCOPE)
endfunction()

# gantry_shapes(SERVICE PARTS N FOLDERS f...): the shapes of one service, for the operations handled in those folders,
# as object library in N compilation units. Targets that include shapes/SERVICE/shapes.h link gantry_shapes.
function(gantry_shapes service)
    cmake_parse_arguments(S "" "PARTS" "FOLDERS" ${ARGN})
    gantry_handler_files(handlers ${S_FOLDERS})
    set(folder ${GANTRY_GEN}/shapes/${service})
    set(sources ${folder}/operations.cpp)
    foreach(part RANGE 1 ${S_PARTS})
        list(APPEND sources ${folder}/tables_${part}.cpp)
    endforeach()
    gantry_generate(OUTPUTS ${folder}/shapes.h ${sources} DEPENDS ${CMAKE_SOURCE_DIR}/models/${service}.json ${handlers}
                    ARGUMENTS shapes ${service} ${S_PARTS})
    set_property(GLOBAL APPEND PROPERTY GANTRY_SHAPE_SOURCES ${sources})
    set_property(GLOBAL APPEND PROPERTY GANTRY_SHAPE_HEADERS ${folder}/shapes.h)
endfunction()

# gantry_domain(NAME [SHAPES service] DEPS lib... [TEST_DEPS lib...]): a domain folder: gantry_folder plus its generated
# dispatch table (gen/dispatch/NAME.h: `operation::Handlers gantry::NAME::operations()`). SHAPES: the service whose
# shapes its units read, where it is not called like the folder.
function(gantry_domain name)
    cmake_parse_arguments(D "" "SHAPES" "DEPS;TEST_DEPS" ${ARGN})
    if(NOT D_SHAPES)
        set(D_SHAPES ${name})
    endif()
    gantry_handler_files(handlers ${name})
    set(folder ${GANTRY_GEN}/dispatch)
    set(generated ${folder}/${name}.h ${folder}/${name}_handlers.h ${folder}/${name}.cpp)
    file(GLOB models CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/models/*.json)
    gantry_generate(OUTPUTS ${generated} DEPENDS ${handlers} ${models} ARGUMENTS dispatch ${name})
    gantry_folder(${name} DEPS gantry_shapes gantry_operation gantry_state ${D_DEPS} GENERATED ${generated}
                  TEST_DEPS ${D_TEST_DEPS}
                  PRECOMPILE <algorithm> <functional> <map> <set> <boost/describe.hpp> <boost/json.hpp>
                             <shapes/${D_SHAPES}/shapes.h> <shapes/record_codec.h> <operation/caller.h>
                             <state/plan.h> <state/schema.h> <state/turn.h> <state/txn.h>)
    add_dependencies(gantry_${name} gantry_shape_headers)
    if(TARGET ${name}_test)
        add_dependencies(${name}_test gantry_shape_headers)
    endif()
endfunction()
