# The simulated exchange. Its name has a hyphen, as operators expect of a command.
if(TARGET vigil_exchange AND TARGET vigil_settings)
  vigil_binary(vigil-exchange SOURCES vigil_exchange.cpp LINK vigil_exchange vigil_settings CLI11::CLI11)
endif()
