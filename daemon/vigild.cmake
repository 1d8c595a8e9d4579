vigil_binary(vigild SOURCES vigild.cpp LINK vigil_runtime CLI11::CLI11)
target_compile_definitions(vigild PRIVATE VIGIL_VERSION="${PROJECT_VERSION}")
