// The operator's tool: arguments only. What the commands do is in vigilctl/.
#include <sys/prctl.h>

#include <CLI/CLI.hpp>
#include <functional>
#include <iostream>

#include "credentials/secret.h"
#include "vigilctl/config_commands.h"
#include "vigilctl/vault_commands.h"

namespace {

using vigil::runtime::ExitCode;
using namespace vigil::vigilctl;

/// A command is run after all arguments are known to be right.
using Command = std::function<ExitCode()>;

void add_unlock(CLI::App* command, VaultArguments& arguments) {
    command->add_option("vault", arguments.vault, "The vault's file")->required();
    command->add_option("--machine-key", arguments.machine_key,
                        "Open the vault with this machine key's file instead of the passphrase");
}

void add_label(CLI::App* command, VaultArguments& arguments) {
    command->add_option("label", arguments.label, "The key's name in the vault")->required();
}

void add_vault_commands(CLI::App& app, Command& chosen) {
    auto* const vault = app.add_subcommand("vault", "The encrypted file that holds the exchange keys");
    vault->require_subcommand(1);
    vault->footer(
        "Passphrases and secrets are asked for at a terminal, or read from standard input: the passphrase is "
        "its\n"
        "first line (not with --machine-key), the secret is the rest.");

    auto* const create = vault->add_subcommand("create", "Make a new, empty vault");
    const auto create_arguments = std::make_shared<VaultCreateArguments>();
    create->add_option("vault", create_arguments->vault, "File to make")->required();
    auto* const machine_key =
        create->add_option("--machine-key", create_arguments->machine_key,
                           "Also make this file (mode 0400), which opens the vault without a passphrase");
    create
        ->add_flag("--no-passphrase", create_arguments->no_passphrase,
                   "The machine key is the only way to open it")
        ->needs(machine_key);
    create->callback([&chosen, create_arguments] {
        chosen = [create_arguments] { return vault_create(*create_arguments); };
    });

    auto* const add = vault->add_subcommand("add", "Put an exchange key into the vault");
    const auto add_arguments = std::make_shared<VaultAddArguments>();
    add_unlock(add, add_arguments->vault);
    add_label(add, add_arguments->vault);
    add->add_option("--api-key", add_arguments->api_key, "The API key (the public half, not the secret)")
        ->required();
    add->add_option("--type", add_arguments->type, "hmac, ed25519 or rsa")
        ->capture_default_str()
        ->check(CLI::IsMember({"hmac", "ed25519", "rsa"}));
    add->add_option("--environment", add_arguments->environment, "simulator, testnet, demo or production")
        ->capture_default_str()
        ->check(CLI::IsMember({"simulator", "testnet", "demo", "production"}));
    add->add_option("--note", add_arguments->note, "Anything worth knowing about this key");
    add->callback(
        [&chosen, add_arguments] { chosen = [add_arguments] { return vault_add(*add_arguments); }; });

    const auto arguments = std::make_shared<VaultArguments>();
    auto* const list = vault->add_subcommand("list", "List the keys, without their secrets");
    add_unlock(list, *arguments);
    list->callback([&chosen, arguments] { chosen = [arguments] { return vault_list(*arguments); }; });

    auto* const show = vault->add_subcommand("show", "Show one key, without its secret");
    add_unlock(show, *arguments);
    add_label(show, *arguments);
    show->callback([&chosen, arguments] { chosen = [arguments] { return vault_show(*arguments); }; });

    auto* const remove = vault->add_subcommand("remove", "Take a key out of the vault");
    add_unlock(remove, *arguments);
    add_label(remove, *arguments);
    remove->callback([&chosen, arguments] { chosen = [arguments] { return vault_remove(*arguments); }; });
}

void add_config_commands(CLI::App& app, Command& chosen) {
    auto* const config = app.add_subcommand("config", "The configuration");
    config->require_subcommand(1);
    auto* const check = config->add_subcommand("check", "Say everything that is wrong with some files");
    const auto files = std::make_shared<std::vector<std::string>>();
    const auto overrides = std::make_shared<std::vector<std::string>>();
    check->add_option("files", *files, "vigild.yaml, or files of strategies")->required();
    check->add_option("--set", *overrides, "key.path=value, as for vigild")->expected(1)->take_all();
    check->callback([&chosen, files, overrides] {
        chosen = [files, overrides] { return config_check(*files, *overrides); };
    });
}

}  // namespace

int main(int argc, char** argv) {
    // No core of this process, whatever the limits say: it may hold secrets.
    ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    const auto arena = vigil::credentials::SecureArena::make();
    if (!arena) return to_int(report(arena.error()));
    if (!arena->locked())
        std::cerr << "vigilctl: memory for secrets cannot be locked (RLIMIT_MEMLOCK): it could be swapped\n";

    CLI::App app{"Vigil, the operator's tool", "vigilctl"};
    app.require_subcommand(1);
    Command chosen;
    add_vault_commands(app, chosen);
    add_config_commands(app, chosen);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? to_int(ExitCode::ok) : to_int(ExitCode::usage);
    }
    return to_int(chosen());
}
