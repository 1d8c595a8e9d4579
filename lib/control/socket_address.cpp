#include "control/socket_address.h"

#include <sys/socket.h>

#include <cstring>
#include <string>

namespace vigil::control {

base::Result<sockaddr_un> socket_address(const std::filesystem::path& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string& text = path.native();
    if (text.empty() || text.size() >= sizeof address.sun_path)
        return base::fail(base::ErrorKind::invalid, "the path of a socket has 1 to " +
                                                        std::to_string(sizeof address.sun_path - 1) +
                                                        " bytes, this one " + std::to_string(text.size()));
    std::memcpy(address.sun_path, text.data(), text.size());
    return address;
}

}  // namespace vigil::control
