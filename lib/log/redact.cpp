#include "log/redact.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

namespace vigil::log {

namespace {

constexpr std::size_t long_run = 60;

enum class Reach : std::uint8_t {
    word,  ///< the value ends at a blank or a separator
    line,  ///< the value may hold blanks: it ends at a quote, '&' or the end of the line
};

struct SecretName {
    std::string_view name;  // lower case
    Reach reach;
};

constexpr std::array secret_names = std::to_array<SecretName>({
    {"signature", Reach::word},
    {"apikey", Reach::word},
    {"api_key", Reach::word},
    {"api-key", Reach::word},
    {"listenkey", Reach::word},
    {"token", Reach::word},
    {"secret", Reach::line},
    {"passphrase", Reach::line},
    {"password", Reach::line},
    {"authorization", Reach::line},
    {"privatekey", Reach::line},
    {"private_key", Reach::line},
});

constexpr char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}
constexpr bool is_alnum(char c) {
    return (c >= '0' && c <= '9') || (lower(c) >= 'a' && lower(c) <= 'z');
}

bool begins_with(std::string_view text, std::string_view lower_case_prefix) {
    if (text.size() < lower_case_prefix.size()) return false;
    for (std::size_t i = 0; i < lower_case_prefix.size(); ++i)
        if (lower(text[i]) != lower_case_prefix[i]) return false;
    return true;
}

std::size_t skip(std::string_view text, std::size_t from, std::string_view characters) {
    const std::size_t at = text.find_first_not_of(characters, from);
    return at == std::string_view::npos ? text.size() : at;
}

/// Where the value's first character and end are, when a secret's name and a separator stand at `text`'s
/// begin.
struct Value {
    std::size_t begin{0};
    std::size_t end{0};
};

std::size_t end_of_value(std::string_view text, std::size_t begin, Reach reach, bool quoted) {
    constexpr std::string_view word_ends = " \t\r\n&\"'\\,;)}]<>";
    constexpr std::string_view line_ends = "\r\n\"&";
    constexpr std::string_view quote_ends = "\"'\\";
    const std::string_view ends = quoted ? quote_ends : reach == Reach::word ? word_ends : line_ends;
    std::size_t end = std::min(text.find_first_of(ends, begin), text.size());
    if (!quoted) end = std::min(end, text.find("%26", begin));  // a percent-encoded '&'
    return end;
}

constexpr bool is_path(char c) {
    return is_alnum(c) || c == '/' || c == '.' || c == '_' || c == '-';
}

/// Whether `text` begins with what this program, or the operating system, says of a file. What is none of
/// these is a secret, however it reads.
bool is_said_of_a_file(std::string_view text) {
    static constexpr std::array phrases = std::to_array<std::string_view>(
        {"is a symbolic link", "is not a regular file", "is owned by user ", "has mode ",
         "is no machine key: it has ", "holds no passphrase", "holds more than one line; a passphrase is one",
         "exists already", "another program is changing it"});
    if (std::any_of(phrases.begin(), phrases.end(), [text](auto phrase) { return text.starts_with(phrase); }))
        return true;
    const std::size_t digits = skip(text, 4, "0123456789");
    if (text.starts_with("has ") && digits > 4 && text.substr(digits).starts_with(" bytes, more than the "))
        return true;
    constexpr int errno_end = 134;
    for (int number = 1; number < errno_end; ++number)
        if (const char* const said = strerrordesc_np(number); said != nullptr && text.starts_with(said))
            return true;
    return false;
}

/// Whether a secret's name is but the end of an absolute path, of which something is said:
/// "/run/credentials/vigild.service/vault-passphrase: No such file or directory".
/// @param before ends where the name begins
bool is_end_of_a_path(std::string_view before, std::string_view text, std::size_t name_end) {
    std::size_t begin = before.size();
    while (begin > 0 && is_path(before[begin - 1])) --begin;
    const bool is_absolute =
        begin < before.size() && before[begin] == '/' && (begin == 0 || before[begin - 1] == ' ');
    return is_absolute && text.substr(name_end).starts_with(": ") &&
           is_said_of_a_file(text.substr(name_end + 2));
}

/// @param before what stands before `text`, redacted
bool find_secret(std::string_view before, std::string_view text, Value& value) {
    for (const SecretName& secret : secret_names) {
        if (!begins_with(text, secret.name)) continue;
        std::size_t at = secret.name.size();
        while (at < text.size() && (is_alnum(text[at]) || text[at] == '_' || text[at] == '-'))
            ++at;  // secretKey
        if (is_end_of_a_path(before, text, at)) return false;
        const std::size_t name_end = skip(text, at, " \t\"'\\");
        std::size_t after = name_end;
        if (after < text.size() && (text[after] == '=' || text[after] == ':')) {
            ++after;
        } else if (begins_with(text.substr(name_end), "%3d") || begins_with(text.substr(name_end), "%3a")) {
            after += 3;
        } else {
            continue;  // the word alone, as in "the signature was refused"
        }
        const std::size_t begin = skip(text, after, " \t\"'\\");
        const std::string_view between = text.substr(after, begin - after);
        const bool quoted = between.find_first_of("\"'") != std::string_view::npos;
        value = {begin, end_of_value(text, begin, secret.reach, quoted)};
        return true;
    }
    return false;
}

bool find_private_key(std::string_view text, Value& value) {
    constexpr std::string_view begin_mark = "-----begin";
    constexpr std::string_view end_mark = "-----END";
    if (!begins_with(text, begin_mark)) return false;
    std::size_t end = text.find(end_mark, begin_mark.size());
    if (end != std::string_view::npos) {
        end = text.find("-----", end + end_mark.size());
        if (end != std::string_view::npos) end += 5;
    }
    value = {0, std::min(end, text.size())};
    return true;
}

bool find_long_run(std::string_view text, Value& value) {
    std::size_t end = 0;
    while (end < text.size() && is_alnum(text[end])) ++end;
    if (end < long_run) return false;
    while (end < text.size() &&
           (is_alnum(text[end]) || text[end] == '+' || text[end] == '/' || text[end] == '='))
        ++end;
    value = {0, end};
    return true;
}

}  // namespace

std::size_t redact_in_place(std::span<char> text) noexcept {
    const std::string_view whole{text.data(), text.size()};
    std::size_t from = 0;  // next to read
    std::size_t to = 0;    // next to write; never passes `from`, so what is still to be read is untouched
    const auto keep = [&](std::size_t until) {
        while (from < until) text[to++] = text[from++];
    };
    bool in_run = false;  // within letters and digits whose length was judged at their begin
    while (from < text.size()) {
        const std::string_view rest = whole.substr(from);
        Value value;
        const bool found = find_secret(whole.substr(0, to), rest, value) || find_private_key(rest, value) ||
                           (!in_run && find_long_run(rest, value));
        if (!found) {
            in_run = is_alnum(rest.front());
            keep(from + 1);
            continue;
        }
        const std::size_t end = from + value.end;
        keep(from + value.begin);
        const std::size_t stars = std::min<std::size_t>(3, end - from);
        from = end;
        for (std::size_t i = 0; i < stars; ++i) text[to++] = '*';
        in_run = false;
    }
    return to;
}

std::string redact(std::string_view text) {
    std::string copy{text};
    copy.resize(redact_in_place(std::span<char>{copy}));
    return copy;
}

}  // namespace vigil::log
