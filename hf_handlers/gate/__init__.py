"""The gate that every model of a stranger passes before a library reads it.

A model is data from the network: a hub id names what anybody may have uploaded. Libraries trust it. Its JSON files name
other files, models, URLs and code, and transformers follows them while it loads. So transformers never sees the model
itself. It sees a view: a temporary directory that holds, by a list of names, the model's own weights, vocabularies and
templates as links, and its configs rewritten to what is allowed.

    files   which files a view may hold, and where they really lie
    rules   what their JSON may say
    view    the directory, and loading from it

Within `hf_handlers.gate.untrusted`, the hub is also sealed for the thread that loads, and no code of a model runs. Each
of the three is enough against most attacks; together they do not depend on one list being complete.
"""

from hf_handlers.gate.files import read as read
from hf_handlers.gate.rules import check_names as check_names
from hf_handlers.gate.rules import config as config
from hf_handlers.gate.rules import parsed as parsed
from hf_handlers.gate.rules import rewritten as rewritten
from hf_handlers.gate.view import contents as contents
from hf_handlers.gate.view import untrusted as untrusted
