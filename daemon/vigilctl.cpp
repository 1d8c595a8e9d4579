// The operator's tool: arguments only. What the commands do is in vigilctl/.
#include <sys/prctl.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <functional>
#include <iostream>

#include "control/request.h"
#include "credentials/secret.h"
#include "vigilctl/config_commands.h"
#include "vigilctl/control_commands.h"
#include "vigilctl/journal_commands.h"
#include "vigilctl/preflight_command.h"
#include "vigilctl/vault_arguments.h"

namespace {

using vigil::runtime::ExitCode;
using namespace vigil::vigilctl;

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

void add_configuration(CLI::App* command, std::string& config, std::string& state,
                       std::vector<std::string>& overrides) {
    command->add_option("--config", config, "configuration file (vigild.yaml)")->required();
    command->add_option("--state", state, "state folder, instead of the file's state_dir");
    command->add_option("--set", overrides, "key.path=value, as for vigild")->expected(1)->take_all();
}

void add_journal_commands(CLI::App& app, Command& chosen) {
    auto* const journal =
        app.add_subcommand("journal", "Look at the journal of a state folder, also while the service runs");
    journal->require_subcommand(1);
    const auto arguments = std::make_shared<JournalArguments>();
    const auto add = [&](const char* name, const char* what, ExitCode (*run)(const JournalArguments&)) {
        auto* const command = journal->add_subcommand(name, what);
        command->add_option("state", arguments->state, "State folder of the service")->required();
        command->callback(
            [&chosen, arguments, run] { chosen = [arguments, run] { return run(*arguments); }; });
        return command;
    };
    auto* const verify = add("verify", "Check every record against the chain of hashes", journal_verify);
    verify->add_option("--head", arguments->noted, "A head noted earlier, which must still be in the chain");
    auto* const show = add("show", "Print records, a line each", journal_show);
    show->add_option("--order", arguments->order, "Those of one order, by its client order id");
    show->add_option("--kind", arguments->kind, "Those of one kind, such as intent, execution, reconcile");
    show->add_option("--last", arguments->last, "At most so many, the last ones")->capture_default_str();
    add("replay", "Rebuild the ledger from the records and compare it with what they say of it",
        journal_replay);
    auto* const exports = add("export", "Print all records, or all own trades", journal_export);
    exports->add_option("--format", arguments->format, "csv or jsonl")
        ->required()
        ->check(CLI::IsMember({"csv", "jsonl"}));
    exports->add_flag("--trades", arguments->trades, "Own trades, each once, instead of records");
}

void add_explain_command(CLI::App& app, Command& chosen) {
    const auto arguments = std::make_shared<JournalArguments>();
    auto* const command = app.add_subcommand(
        "explain", "Tell the story of one order: what was seen, checked, waited for, sent and filled");
    command->add_option("state", arguments->state, "State folder of the service")->required();
    command->add_option("order", arguments->order, "Client order id")->required();
    command->callback([&chosen, arguments] { chosen = [arguments] { return explain(*arguments); }; });
}

void add_preflight_command(CLI::App& app, Command& chosen) {
    const auto arguments = std::make_shared<PreflightArguments>();
    auto* const command = app.add_subcommand(
        "preflight", "Try out everything that trading needs, without trading; the service must not run");
    add_configuration(command, arguments->config, arguments->state, arguments->overrides);
    command->add_flag("--json", arguments->json, "Print one JSON document instead of the table");
    command->add_flag("--live-order", arguments->live_order,
                      "Place one real order that cannot fill, and cancel it");
    command->callback([&chosen, arguments] { chosen = [arguments] { return preflight(*arguments); }; });
}

void add_diagnose_commands(CLI::App& app, Command& chosen) {
    auto* const diagnose = app.add_subcommand("diagnose", "Find out why something does not work");
    diagnose->require_subcommand(1);
    const auto arguments = std::make_shared<PreflightArguments>();
    auto* const command = diagnose->add_subcommand(
        "signature", "Say why the exchange refuses a signature (-1022); the service must not run");
    add_configuration(command, arguments->config, arguments->state, arguments->overrides);
    command->callback(
        [&chosen, arguments] { chosen = [arguments] { return diagnose_signature(*arguments); }; });
}

void add_control_commands(CLI::App& app, Command& chosen) {
    const auto arguments = std::make_shared<ControlArguments>();
    const auto add = [&](const char* name, const char* what, ExitCode (*run)(const ControlArguments&)) {
        auto* const command = app.add_subcommand(name, what);
        auto* const socket =
            command->add_option("--socket", arguments->socket, "Control socket of the service")
                ->capture_default_str();
        command
            ->add_option("--state", arguments->state,
                         "State folder, of a service that keeps its socket there")
            ->excludes(socket);
        command->callback(
            [&chosen, arguments, run] { chosen = [arguments, run] { return run(*arguments); }; });
        return command;
    };
    const auto add_reason = [&](CLI::App* command) {
        command->add_option("--reason", arguments->reason, "Why; kept in journal and log")->required();
    };
    auto* const status = add("status", "How the running service stands", control_status);
    status->add_flag("--json", arguments->json, "Print one JSON object instead of the table");
    auto* const halt = add("halt", "Place nothing any more; open orders stay open", control_halt);
    add_reason(halt);
    auto* const kill = add("kill", "Place nothing any more, and cancel every own order", control_kill);
    add_reason(kill);
    kill->add_option("--wait", arguments->wait_s,
                     "Seconds to wait for the cancels before it is told how far they came")
        ->capture_default_str()
        ->check(CLI::Range(std::int64_t{0}, std::int64_t{vigil::control::kill_wait_most.count() / 1'000}));
    kill->add_flag("--json", arguments->json, "Print one JSON object");
    auto* const resume = add(
        "resume", "Come down the ladder after a halt, a kill, or a limit that was reached", control_resume);
    add_reason(resume);
    resume->add_option("--to", arguments->level, "normal, reduce or cancel_only")
        ->capture_default_str()
        ->check(CLI::IsMember({"normal", "reduce", "cancel_only"}));
}

}  // namespace

int main(int argc, char** argv) {
    // No core of this process, whatever the limits say: it may hold secrets.
    ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    // A file that grows past a limit is an error of the write, to be cleaned up after, not a sudden end.
    std::signal(SIGXFSZ, SIG_IGN);
    const auto arena = vigil::credentials::SecureArena::make();
    if (!arena) return to_int(report(arena.error()));
    if (!arena->locked())
        std::cerr << "vigilctl: memory for secrets cannot be locked (RLIMIT_MEMLOCK): it could be swapped\n";

    CLI::App app{"Vigil, the operator's tool", "vigilctl"};
    app.require_subcommand(1);
    Command chosen;
    add_vault_commands(app, chosen);
    add_config_commands(app, chosen);
    add_journal_commands(app, chosen);
    add_explain_command(app, chosen);
    add_control_commands(app, chosen);
    add_preflight_command(app, chosen);
    add_diagnose_commands(app, chosen);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? to_int(ExitCode::ok) : to_int(ExitCode::usage);
    }
    return to_int(chosen());
}
