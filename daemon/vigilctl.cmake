vigil_binary(vigilctl
  SOURCES vigilctl.cpp vigilctl/command_result.cpp vigilctl/config_commands.cpp vigilctl/control_commands.cpp
    vigilctl/journal_commands.cpp vigilctl/preflight_command.cpp
    vigilctl/vault_arguments.cpp vigilctl/vault_commands.cpp vigilctl/vault_key_commands.cpp
    vigilctl/vault_opening.cpp
  LINK vigil_control vigil_credentials vigil_engine vigil_journal vigil_log vigil_settings vigil_runtime
    nlohmann_json::nlohmann_json CLI11::CLI11)
target_compile_definitions(vigilctl PRIVATE VIGIL_VERSION="${PROJECT_VERSION}")
target_include_directories(vigilctl PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
