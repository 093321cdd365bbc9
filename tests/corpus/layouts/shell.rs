//! Environments, shells, command lines, histories.

use crate::corpus::layout::Layout;

pub(crate) const LAYOUTS: &[Layout] = &[
    Layout::new(
        "env",
        "AWS_ACCESS_KEY_ID={{key-id}}\nAWS_SECRET_ACCESS_KEY={{secret}}\nAWS_REGION={{region}}\n",
    ),
    Layout::new(".env, quoted", "AWS_ACCESS_KEY_ID=\"{{key-id}}\"\nAWS_SECRET_ACCESS_KEY='{{secret}}'\n"),
    Layout::new(
        ".env of an S3 bucket",
        "S3_BUCKET={{word}}\nS3_ACCESS_KEY={{key-id}}\nS3_SECRET_KEY={{secret}}\nS3_REGION={{region}}\n",
    ),
    Layout::new(
        "env with token",
        "AWS_ACCESS_KEY_ID={{key-id}}\nAWS_SECRET_ACCESS_KEY={{secret}}\nAWS_SESSION_TOKEN={{token}}\n",
    ),
    Layout::new(
        "env with token, first and old name",
        "AWS_SECURITY_TOKEN={{token}}\nAWS_SECRET_ACCESS_KEY={{secret}}\nAWS_ACCESS_KEY_ID={{key-id}}\n",
    ),
    Layout::new("export", "export AWS_ACCESS_KEY_ID={{key-id}}\nexport AWS_SECRET_ACCESS_KEY={{secret}}\n"),
    Layout::new(
        "export, quoted, with token",
        "export AWS_ACCESS_KEY_ID=\"{{key-id}}\"\nexport AWS_SECRET_ACCESS_KEY=\"{{secret}}\"\nexport AWS_SESSION_TOKEN=\"{{token}}\"\n",
    ),
    Layout::new(
        "export on one line",
        "export AWS_ACCESS_KEY_ID={{key-id}} AWS_SECRET_ACCESS_KEY={{secret}} && ./{{word}}\n",
    ),
    Layout::new(
        "variables before a command",
        "AWS_ACCESS_KEY_ID={{key-id}} AWS_SECRET_ACCESS_KEY={{secret}} aws s3 ls\n",
    ),
    Layout::new("set", "set AWS_ACCESS_KEY_ID={{key-id}}\nset AWS_SECRET_ACCESS_KEY={{secret}}\n"),
    Layout::new("setx", "setx AWS_ACCESS_KEY_ID {{key-id}}\nsetx AWS_SECRET_ACCESS_KEY {{secret}} /M\n"),
    Layout::new(
        "$Env:",
        "$Env:AWS_ACCESS_KEY_ID = \"{{key-id}}\"\n$Env:AWS_SECRET_ACCESS_KEY = \"{{secret}}\"\n",
    ),
    Layout::new(
        "$Env: with token",
        "$env:AWS_ACCESS_KEY_ID=\"{{key-id}}\"\n$env:AWS_SECRET_ACCESS_KEY=\"{{secret}}\"\n$env:AWS_SESSION_TOKEN=\"{{token}}\"\n",
    ),
    Layout::new(
        "csh setenv",
        "setenv AWS_ACCESS_KEY_ID {{key-id}}\nsetenv AWS_SECRET_ACCESS_KEY {{secret}}\n",
    ),
    Layout::new(
        "fish set",
        "set -gx AWS_ACCESS_KEY_ID {{key-id}}\nset -gx AWS_SECRET_ACCESS_KEY {{secret}}\n",
    ),
    Layout::new(
        "Set-AWSCredential",
        "Set-AWSCredential -AccessKey {{key-id}} -SecretKey {{secret}} -StoreAs {{word}}\n",
    ),
    Layout::new(
        "CLI options",
        "{{word}} sync --access-key {{key-id}} --secret-key {{secret}} --region {{region}}\n",
    ),
    Layout::new(
        "CLI options with =",
        "{{word}} --aws-access-key-id={{key-id}} --aws-secret-access-key={{secret}} run\n",
    ),
    Layout::new("CLI short options", "ec2-describe-regions -O {{key-id}} -W {{secret}}\n"),
    Layout::new(
        "CLI options, secret first",
        "{{word}} --aws-secret-key={{secret}} --aws-access-key={{key-id}}\n",
    ),
    Layout::new(
        "aws configure set",
        "aws configure set aws_access_key_id {{key-id}} --profile {{word}}\naws configure set aws_secret_access_key {{secret}} --profile {{word}}\n",
    ),
    Layout::new(
        "aws configure, a session",
        "$ aws configure\nAWS Access Key ID [None]: {{key-id}}\nAWS Secret Access Key [None]: {{secret}}\nDefault region name [None]: {{region}}\n",
    ),
    Layout::new(
        "shell history with times",
        ": 1731000001:0;export AWS_ACCESS_KEY_ID={{key-id}}\n: 1731000009:0;export AWS_SECRET_ACCESS_KEY={{secret}}\n: 1731000017:0;{{word}} up\n",
    ),
    Layout::new(
        "shell history with numbers",
        "  501  cd {{word}}\n  502  export AWS_ACCESS_KEY_ID={{key-id}}\n  503  export AWS_SECRET_ACCESS_KEY={{secret}}\n",
    ),
    Layout::new(
        "heredoc",
        "cat > ~/.aws/credentials <<EOF\n[default]\naws_access_key_id={{key-id}}\naws_secret_access_key={{secret}}\nEOF\n",
    ),
    Layout::new(
        "curl --user",
        "curl --aws-sigv4 aws:amz:{{region}}:s3 --user \"{{key-id}}:{{secret}}\" https://{{word}}/\n",
    ),
    Layout::new(
        "Makefile",
        "AWS_ACCESS_KEY_ID ?= {{key-id}}\nAWS_SECRET_ACCESS_KEY ?= {{secret}}\n\ndeploy:\n\t./{{word}}.sh\n",
    ),
    Layout::new(
        "shell default value",
        "KEY=${AWS_ACCESS_KEY_ID:-{{key-id}}}\nSECRET=${AWS_SECRET_ACCESS_KEY:-{{secret}}}\n",
    ),
];
