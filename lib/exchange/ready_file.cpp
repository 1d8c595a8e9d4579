#include "exchange/ready_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <string_view>

#include "base/unique_fd.h"
#include "exchange/server_json.h"

namespace vigil::exchange {

namespace {

base::Result<void> write_whole(int fd, std::string_view text, const std::string& name) {
    while (!text.empty()) {
        const ssize_t written = ::write(fd, text.data(), text.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return base::fail(base::system_error("writing " + name, errno));
        text.remove_prefix(static_cast<std::size_t>(written));
    }
    if (::fsync(fd) != 0) return base::fail(base::system_error("syncing " + name, errno));
    return {};
}

// A reader sees the old file or the whole new one.
base::Result<void> replace_file(const std::filesystem::path& path, std::string_view text, mode_t mode) {
    const std::string name = path.string();
    const std::string temporary = name + ".new";
    // A leftover of a killed process may have another mode: made anew, never reused.
    if (::unlink(temporary.c_str()) != 0 && errno != ENOENT)
        return base::fail(base::system_error("removing " + temporary, errno));
    base::UniqueFd fd{::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600)};
    if (!fd) return base::fail(base::system_error("creating " + temporary, errno));
    auto written = write_whole(fd.get(), text, temporary);
    if (written && ::fchmod(fd.get(), mode) != 0)
        written = base::fail(base::system_error("setting the mode of " + temporary, errno));
    if (written && std::rename(temporary.c_str(), name.c_str()) != 0)
        written = base::fail(base::system_error("renaming " + temporary, errno));
    if (!written) ::unlink(temporary.c_str());
    return written;
}

}  // namespace

base::Result<std::vector<std::filesystem::path>> write_ready_file(const std::filesystem::path& file,
                                                                  const ReadyInformation& information) {
    std::error_code failed;
    const std::filesystem::path absolute = std::filesystem::absolute(file, failed);
    if (failed) return base::fail(base::system_error("finding " + file.string(), failed.value()));

    std::vector<std::filesystem::path> written;
    const std::filesystem::path ca{absolute.string() + ".ca.pem"};
    if (auto done = replace_file(ca, information.ca_pem, 0644); !done) return base::fail(done.error());
    written.push_back(ca);

    std::string text;
    JsonWriter out{text};
    out.begin_object();
    out.key("rest").text(information.rest);
    out.key("stream").text(information.stream);
    out.key("ws_api").text(information.ws_api);
    out.key("admin").text(information.admin);
    out.key("ca").text(ca.string());
    out.key("pid").integer(::getpid());
    out.key("accounts").begin_array();
    base::Result<void> keys{};
    const auto write_key = [&](const std::string& name, const std::string& api_key,
                               const credentials::GeneratedKey& key) {
        out.key("key_type").text(credentials::to_string(key.type));
        out.key("api_key").text(api_key);
        key.private_key.use_text([&](std::string_view secret) {
            if (key.type == credentials::KeyType::hmac_sha256) {
                out.key("secret").text(secret);
                return;
            }
            const std::filesystem::path pem{absolute.string() + "." + name + ".pem"};
            if (keys) keys = replace_file(pem, secret, 0600);
            written.push_back(pem);
            out.key("private_key_path").text(pem.string());
        });
    };
    for (const ReadyAccount& account : information.accounts) {
        out.begin_object();
        out.key("label").text(account.label);
        write_key(account.label, account.api_key, *account.key);
        if (!account.more_keys.empty()) {
            out.key("more_keys").begin_array();
            std::size_t number = 1;
            for (const ReadyKey& one : account.more_keys) {
                out.begin_object();
                write_key(account.label + "." + std::to_string(++number), one.api_key, *one.key);
                out.end_object();
            }
            out.end_array();
        }
        out.end_object();
    }
    out.end_array();
    out.end_object();
    text += '\n';
    if (keys) keys = replace_file(absolute, text, 0600);
    credentials::wipe(text);
    if (!keys) return base::fail(keys.error());
    written.push_back(absolute);
    return written;
}

}  // namespace vigil::exchange
