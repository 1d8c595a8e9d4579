#include "vigilctl/vault_arguments.h"

#include <CLI/CLI.hpp>
#include <memory>

#include "vigilctl/vault_commands.h"
#include "vigilctl/vault_key_commands.h"

namespace vigil::vigilctl {

namespace {

void add_unlock(CLI::App* command, VaultArguments& arguments) {
    command->add_option("vault", arguments.vault, "The vault's file")->required();
    command->add_option("--machine-key", arguments.machine_key,
                        "Open the vault with this machine key's file instead of the passphrase");
}

void add_label(CLI::App* command, VaultArguments& arguments) {
    command->add_option("label", arguments.label, "The key's name in the vault")->required();
}

void add_environment_and_note(CLI::App* command, VaultAddArguments& arguments) {
    command->add_option("--environment", arguments.environment, "simulator, testnet, demo or production")
        ->capture_default_str()
        ->check(CLI::IsMember({"simulator", "testnet", "demo", "production"}));
    command->add_option("--note", arguments.note, "Anything worth knowing about this key");
}

/// A subcommand whose parsed arguments are handed to `run`.
template <class Arguments>
CLI::App* add_command(CLI::App* vault, Command& chosen, const std::shared_ptr<Arguments>& arguments,
                      const char* name, const char* description, ExitCode (*run)(const Arguments&)) {
    CLI::App* const command = vault->add_subcommand(name, description);
    command->callback([&chosen, arguments, run] { chosen = [arguments, run] { return run(*arguments); }; });
    return command;
}

void add_whole(CLI::App* vault, Command& chosen) {
    const auto creation = std::make_shared<VaultCreateArguments>();
    auto* const create =
        add_command(vault, chosen, creation, "create", "Make a new, empty vault", vault_create);
    create->add_option("vault", creation->vault, "File to make")->required();
    auto* const machine_key =
        create->add_option("--machine-key", creation->machine_key,
                           "Also make this file (mode 0400), which opens the vault without a passphrase");
    create->add_flag("--no-passphrase", creation->no_passphrase, "The machine key is the only way to open it")
        ->needs(machine_key);

    const auto arguments = std::make_shared<VaultArguments>();
    for (CLI::App* const command :
         {add_command(vault, chosen, arguments, "list", "List the keys, without their secrets", vault_list),
          add_command(vault, chosen, arguments, "verify", "Open the vault and try every key in it",
                      vault_verify),
          add_command(vault, chosen, arguments, "passwd", "Set a new passphrase", vault_passwd),
          add_command(vault, chosen, arguments, "rekey",
                      "Encrypt everything anew, after somebody may have had a key to the vault",
                      vault_rekey)})
        add_unlock(command, *arguments);

    const auto file = std::make_shared<VaultFileArguments>();
    auto* const rotate =
        add_command(vault, chosen, file, "rotate",
                    "Make a new machine key; the one before opens the vault no more", vault_rotate);
    add_unlock(rotate, file->vault);
    rotate->add_option("--new-machine-key", file->file, "File to make (mode 0400)")->required();
    auto* const backup =
        add_command(vault, chosen, file, "backup", "Copy the vault, once it has been opened", vault_backup);
    add_unlock(backup, file->vault);
    backup->add_option("copy", file->file, "File to make")->required();
}

void add_keys(CLI::App* vault, Command& chosen) {
    const auto addition = std::make_shared<VaultAddArguments>();
    auto* const add =
        add_command(vault, chosen, addition, "add", "Put an exchange key into the vault", vault_add);
    add_unlock(add, addition->vault);
    add_label(add, addition->vault);
    add->add_option("--api-key", addition->api_key, "The API key (the public half, not the secret)")
        ->required();
    add->add_option("--type", addition->type, "hmac, ed25519 or rsa")
        ->capture_default_str()
        ->check(CLI::IsMember({"hmac", "ed25519", "rsa"}));
    add_environment_and_note(add, *addition);

    auto* const generate =
        add_command(vault, chosen, addition, "generate",
                    "Make an Ed25519 key inside the vault; prints the public key to upload", vault_generate);
    add_unlock(generate, addition->vault);
    add_label(generate, addition->vault);
    add_environment_and_note(generate, *addition);

    auto* const activate =
        add_command(vault, chosen, addition, "activate",
                    "Enter the API key that the exchange gave for a generated key", vault_activate);
    add_unlock(activate, addition->vault);
    add_label(activate, addition->vault);
    activate->add_option("--api-key", addition->api_key, "The API key")->required();

    const auto arguments = std::make_shared<VaultArguments>();
    for (CLI::App* const command :
         {add_command(vault, chosen, arguments, "show", "Show one key, without its secret", vault_show),
          add_command(vault, chosen, arguments, "export-public",
                      "Print the public key of an Ed25519 or RSA key", vault_export_public),
          add_command(vault, chosen, arguments, "retire",
                      "Erase a key's secret and keep the rest as a record", vault_retire),
          add_command(vault, chosen, arguments, "remove", "Take a key out of the vault", vault_remove)}) {
        add_unlock(command, *arguments);
        add_label(command, *arguments);
    }
}

}  // namespace

void add_vault_commands(CLI::App& app, Command& chosen) {
    auto* const vault = app.add_subcommand("vault", "The encrypted file that holds the exchange keys");
    vault->require_subcommand(1);
    vault->footer(
        "Passphrases and secrets are asked for at a terminal, or read from standard input: the passphrase is "
        "its\n"
        "first line (not with --machine-key), then a new passphrase, or the secret, is the rest.");
    add_whole(vault, chosen);
    add_keys(vault, chosen);
}

}  // namespace vigil::vigilctl
