#include "exchange/line_reader.h"

#include <zlib.h>

#include <cerrno>
#include <cstring>

namespace vigil::exchange {

using base::ErrorKind;
using base::fail;
using base::Result;

struct LineReader::Handle {
    explicit Handle(gzFile given) : file{given} {}
    Handle(const Handle&) = delete;
    Handle& operator=(const Handle&) = delete;
    ~Handle() { gzclose_r(file); }
    gzFile file;
};

namespace {

constexpr std::size_t chunk_bytes = 256U * 1024;

}  // namespace

LineReader::LineReader(std::string name, std::unique_ptr<Handle> handle)
    : name_{std::move(name)}, handle_{std::move(handle)} {}
LineReader::~LineReader() = default;

Result<std::unique_ptr<LineReader>> LineReader::open(const std::filesystem::path& file) {
    errno = 0;
    gzFile opened = gzopen(file.c_str(), "rbe");
    if (opened == nullptr)
        return fail(base::system_error("cannot open " + file.string(), errno == 0 ? ENOMEM : errno));
    auto handle = std::make_unique<Handle>(opened);
    gzbuffer(opened, chunk_bytes);
    return std::unique_ptr<LineReader>{new LineReader{file.filename().string(), std::move(handle)}};
}

base::Error LineReader::wrong(std::string_view what) const {
    return base::Error{ErrorKind::invalid, name_ + ":" + std::to_string(line_) + ": " + std::string{what}};
}

/// Appends a piece; false at the end of the file.
Result<bool> LineReader::fill() {
    buffer_.erase(0, begin_);
    begin_ = 0;
    const std::size_t had = buffer_.size();
    buffer_.resize(had + chunk_bytes);
    errno = 0;
    const int got = gzread(handle_->file, buffer_.data() + had, chunk_bytes);
    if (got < 0) {
        buffer_.resize(had);
        int code = 0;
        const char* text = gzerror(handle_->file, &code);
        if (code == Z_ERRNO) return fail(base::system_error("cannot read " + name_, errno));
        return fail(ErrorKind::corrupt, name_ + ": after line " + std::to_string(line_) + ": " + text);
    }
    buffer_.resize(had + static_cast<std::size_t>(got));
    if (got > 0) return true;
    int code = 0;
    (void)gzerror(handle_->file, &code);
    if (code == Z_BUF_ERROR)
        return fail(ErrorKind::corrupt,
                    name_ + ": after line " + std::to_string(line_) + ": the compressed data end early");
    return false;
}

Result<std::optional<std::string_view>> LineReader::next() {
    std::size_t searched = begin_;
    for (;;) {
        const std::size_t end = buffer_.find('\n', searched);
        if (end != std::string::npos || (at_end_ && begin_ < buffer_.size())) {
            const std::size_t stop = end == std::string::npos ? buffer_.size() : end;
            std::string_view line{buffer_.data() + begin_, stop - begin_};
            begin_ = end == std::string::npos ? buffer_.size() : end + 1;
            if (line.ends_with('\r')) line.remove_suffix(1);
            ++line_;
            return line;
        }
        if (at_end_) return std::nullopt;
        if (buffer_.size() - begin_ > line_bytes_max) {
            ++line_;
            return fail(wrong("the line is longer than 8 MiB"));
        }
        searched = buffer_.size() - begin_;  // fill() moves what is left to the front
        const auto more = fill();
        if (!more) return fail(more.error());
        at_end_ = !*more;
    }
}

Result<void> LineReader::rewind() {
    if (gzrewind(handle_->file) != 0) return fail(ErrorKind::io, "cannot read " + name_ + " again");
    buffer_.clear();
    begin_ = 0;
    line_ = 0;
    at_end_ = false;
    return {};
}

}  // namespace vigil::exchange
