//! One part without the others.

use crate::corpus::layout::Layout;
use crate::corpus::style::Style;

pub(crate) const LAYOUTS: &[Layout] = &[
    Layout::new("lone key ID, named", "aws_access_key_id = {{key-id}}\n"),
    Layout::new("lone key ID, in prose", "The key {{key-id}} of {{word}} was rotated on {{date}}.\n"),
    Layout::new(
        "lone key ID, ARN beside it",
        "\"accessKeyId\": \"{{key-id}}\", \"arn\": \"arn:aws:iam::{{account}}:user/{{word}}\"\n",
    ),
    Layout::new("lone key ID beside a commit", "{{key-id}} {{hex}}\n"),
    Layout::new(
        "lone key ID, secret elsewhere",
        "access_key = \"{{key-id}}\"\nsecret_key = os.environ[\"AWS_SECRET_ACCESS_KEY\"]\n",
    ),
    Layout::new("lone key ID, base64", "id: {{key-id}}\n").id(Style::Base64),
    Layout::new("lone key ID, base64 twice", "id: {{key-id}}\n").id(Style::Base64Twice),
    Layout::new(
        "lone key ID, CloudTrail",
        "{\"userIdentity\":{\"type\":\"IAMUser\",\"principalId\":\"{{n}}\",\"accessKeyId\":\"{{key-id}}\",\"userName\":\"{{word}}\"},\"eventID\":\"{{uuid}}\"}\n",
    ),
    Layout::new("three lone key IDs", "{{key-id.0}}\n{{key-id.1}}\n{{key-id.2}}\n"),
    Layout::new("lone secret, escaped for Markdown", "AWS\\_SECRET\\_ACCESS\\_KEY: {{secret}}\n"),
    Layout::new("lone secret, escaped for Markdown in a table", "| s3\\_secret\\_key | {{secret}} |\n"),
    Layout::new("lone secret, env", "AWS_SECRET_ACCESS_KEY={{secret}}\n"),
    Layout::new("lone secret, INI", "aws_secret_access_key = {{secret}}\nregion = {{region}}\n"),
    Layout::new("lone secret, JSON", "{\"SecretAccessKey\": \"{{secret}}\"}\n"),
    Layout::new("lone secret, camel case", "awsSecretAccessKey: '{{secret}}',\n"),
    Layout::new("lone secret, kebab case", "--aws-secret-access-key {{secret}}\n"),
    Layout::new("lone secret, words", "AWS Secret Access Key: {{secret}}\n"),
    Layout::new("lone secret, S3_SECRET_KEY", "S3_SECRET_KEY={{secret}}\n"),
    Layout::new("lone secret, secret_key", "secret_key = \"{{secret}}\"\n"),
    Layout::new(
        "lone secret, Hadoop XML",
        "<property><name>fs.s3a.secret.key</name><value>{{secret}}</value></property>\n",
    ),
    Layout::new("lone secret, Kubernetes env", "- name: AWS_SECRET_ACCESS_KEY\n  value: \"{{secret}}\"\n"),
    Layout::new(
        "lone secret, Kubernetes Secret",
        "kind: Secret\ndata:\n  AWS_SECRET_ACCESS_KEY: {{secret}}\n",
    )
    .secret(Style::Base64),
    Layout::new("lone secret, setx", "setx AWS_SECRET_ACCESS_KEY {{secret}}\n"),
    Layout::new("lone secret, $Env:", "$Env:AWS_SECRET_ACCESS_KEY='{{secret}}'\n"),
    Layout::new("lone secret, percent", "?AWSSecretKey={{secret}}&n={{n}}\n").secret(Style::Percent),
    Layout::new("lone token, env", "AWS_SESSION_TOKEN={{token}}\n"),
    Layout::new("lone token, JSON", "{\"SessionToken\": \"{{token}}\", \"Expiration\": \"{{date}}\"}\n"),
    Layout::new("lone token, header", "x-amz-security-token: {{token}}\n"),
    Layout::new("lone token, JSON, \\/", "{\"SessionToken\":\"{{token}}\"}\n").token_folded("\n"),
    Layout::new(
        "ASIA and secret, no token",
        "AWS_ACCESS_KEY_ID={{key-id}}\nAWS_SECRET_ACCESS_KEY={{secret}}\n",
    )
    .temporary(),
    Layout::new("ASIA and token, no secret", "AccessKeyId: {{key-id}}\nSessionToken: {{token}}\n"),
];
