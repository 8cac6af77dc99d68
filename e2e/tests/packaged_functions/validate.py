"""Says which lists of components are valid by CycloneDX's own schema."""

import sys
from pathlib import Path

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

validator = JsonStrictValidator(SchemaVersion.V1_6)
for path in sys.argv[1:]:
    print("invalid" if validator.validate_str(Path(path).read_text()) else "valid")
