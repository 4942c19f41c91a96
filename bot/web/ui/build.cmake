# cmake -DSOURCE=FOLDER -DOUTPUT=FOLDER -P build.cmake: the page, from its TypeScript. Several builds may run at once: each
# writes to its own folder.
cmake_minimum_required(VERSION 3.25)

find_program(NODE node REQUIRED)
include(${CMAKE_CURRENT_LIST_DIR}/packages.cmake)

function(run what)
  execute_process(COMMAND ${ARGN} WORKING_DIRECTORY ${SOURCE} RESULT_VARIABLE failed OUTPUT_VARIABLE said ERROR_VARIABLE said)
  if(failed)
    message(FATAL_ERROR "${what} failed:\n${said}")
  endif()
endfunction()

run("the type check" ${NODE} node_modules/typescript/bin/tsc --noEmit)
run("vite build" ${NODE} node_modules/vite/bin/vite.js build --outDir ${OUTPUT} --emptyOutDir --logLevel warn)

# Vite leaves what is equal as new as what changed; ninja must see all of it as made now.
file(GLOB made ${OUTPUT}/*)
file(TOUCH ${made})
