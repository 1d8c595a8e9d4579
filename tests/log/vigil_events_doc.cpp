// vigil_events_doc SOURCE_FOLDER: writes what is generated from the event catalogue.
#include <cstdio>
#include <fstream>
#include <string>

#include "log/events_doc.h"

namespace {

bool write_file(const std::string& path, const std::string& text) {
    std::ofstream file{path, std::ios::binary | std::ios::trunc};
    file << text;
    file.close();
    if (!file) std::fprintf(stderr, "vigil_events_doc: cannot write %s\n", path.c_str());
    return !file.fail();
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) {
        std::fputs("usage: vigil_events_doc SOURCE_FOLDER\n", stderr);
        return 64;
    }
    const std::string folder = argv[1];
    const bool written = write_file(folder + "/docs/events.md", vigil::log::events_markdown()) &&
                         write_file(folder + "/systemd/vigil.catalog", vigil::log::journal_catalog());
    return written ? 0 : 74;
}
