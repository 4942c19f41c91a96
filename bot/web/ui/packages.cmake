# cmake -DSOURCE=FOLDER -P packages.cmake: what FOLDER's package-lock.json names, installed once; nothing is fetched while the
# packages fit. Several builds share the folder, so that only one installs at a time.
cmake_minimum_required(VERSION 3.25)

find_program(NPM npm REQUIRED)

file(SHA256 ${SOURCE}/package-lock.json wanted)
set(stamp ${SOURCE}/node_modules/.installed-from)
set(guard ${SOURCE}/.install.lock)
file(LOCK ${guard} GUARD PROCESS TIMEOUT 600)
set(installed "")
if(EXISTS ${stamp})
  file(READ ${stamp} installed)
endif()
if(NOT installed STREQUAL wanted)
  execute_process(COMMAND ${NPM} ci --ignore-scripts --no-audit --no-fund --prefer-offline
    WORKING_DIRECTORY ${SOURCE} RESULT_VARIABLE failed OUTPUT_VARIABLE said ERROR_VARIABLE said)
  if(failed)
    message(FATAL_ERROR "npm ci in ${SOURCE} failed:\n${said}")
  endif()
  file(WRITE ${stamp} ${wanted})
endif()
file(LOCK ${guard} RELEASE)
