# Prints templates as one JSON object, by their paths: python yaml_as_json.py FILE..
import json
import sys
from samcli.yamlhelper import yaml_parse

templates = {}
for path in sys.argv[1:]:
    with open(path) as file:
        templates[path] = yaml_parse(file.read())
print(json.dumps(templates))
