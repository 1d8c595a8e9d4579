#include "log/journal_sink.h"

#define SD_JOURNAL_SUPPRESS_LOCATION  // the record brings its own
#include <sys/uio.h>
#include <systemd/sd-journal.h>

#include <string>
#include <vector>

#include "log/journal_fields.h"

namespace vigil::log {

namespace {

class JournalSink final : public Sink {
  public:
    explicit JournalSink(std::string_view identifier) : identifier_{identifier} {}

    base::Result<void> write(const Record& record) override {
        std::vector<std::string> fields = journal_fields(record, identifier_);
        std::vector<iovec> vectors;
        vectors.reserve(fields.size());
        for (std::string& field : fields) vectors.push_back({field.data(), field.size()});
        const int sent = sd_journal_sendv(vectors.data(), static_cast<int>(vectors.size()));
        if (sent < 0) return base::fail(base::system_error("sd_journal_sendv", -sent));
        return {};
    }
    base::Result<void> flush() override { return {}; }
    std::string_view label() const override { return "journal"; }

  private:
    std::string identifier_;
};

}  // namespace

std::unique_ptr<Sink> make_journal_sink(std::string_view identifier) {
    return std::make_unique<JournalSink>(identifier);
}

}  // namespace vigil::log
