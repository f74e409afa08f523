# The story in the AWS CLI.
set -eu
aws() { command aws --endpoint-url "$EMULATOR" secretsmanager "$@" --output text; }
value() { aws get-secret-value --secret-id story/db --query SecretString; }
is() { [ "$1" = "$2" ] || { echo "it is '$1', must be '$2'"; exit 1; }; }

aws create-secret --name story/db --secret-string one --tags Key=team,Value=shop --query Name >/dev/null
is "$(value)" one
aws put-secret-value --secret-id story/db --secret-string two --query Name >/dev/null
is "$(value)" two
is "$(aws get-secret-value --secret-id story/db --version-stage AWSPREVIOUS --query SecretString)" one
is "$(aws list-secrets --filters Key=name,Values=story/ Key=tag-key,Values=team --query 'SecretList[].Name')" story/db
aws rotate-secret --secret-id story/db --rotation-lambda-arn arn:aws:lambda:eu-central-1:123456789012:function:rotate --query Name >/dev/null
[ "$(value)" != two ] || { echo "it is not rotated"; exit 1; }
aws delete-secret --secret-id story/db --recovery-window-in-days 7 --query Name >/dev/null
case $(value 2>&1) in *InvalidRequestException*) ;; *) echo "it can be read although it is deleted"; exit 1 ;; esac
aws restore-secret --secret-id story/db --query Name >/dev/null
value >/dev/null
case $(aws describe-secret --secret-id story/none 2>&1) in *ResourceNotFoundException*) ;; *) echo "what is not there is found"; exit 1 ;; esac
