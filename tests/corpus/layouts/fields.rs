//! A field for the secret beside the key ID that does not hold it, and a secret somewhere else; fields that hold it after
//! all; and names with something else than their sign before the value.

use crate::corpus::layout::Layout;

pub(crate) const LAYOUTS: &[Layout] = &[
    Layout::new(
        "field elsewhere, YAML",
        "storage:\n  access_key: {{key-id}}\n  secret_key: ${X}\nlegacy:\n  aws_secret_access_key: {{secret}}\n",
    )
    .apart(),
    Layout::new(
        "field elsewhere, YAML, secret first",
        "legacy:\n  aws_secret_access_key: {{secret}}\nstorage:\n  secret_key: \"\"\n  access_key: {{key-id}}\n",
    )
    .apart(),
    Layout::new(
        "field elsewhere, Kubernetes",
        "- name: AWS_ACCESS_KEY_ID\n  value: {{key-id}}\n- name: AWS_SECRET_ACCESS_KEY\n  valueFrom:\n    secretKeyRef: {name: a, key: b}\n- name: BACKUP_AWS_SECRET_ACCESS_KEY\n  value: {{secret}}\n",
    )
    .apart(),
    Layout::new(
        "field elsewhere, Java",
        "new BasicAWSCredentials(\"{{key-id}}\", System.getenv(\"S\"));\nstatic final String AWS_SECRET_KEY = \"{{secret}}\";\n",
    )
    .apart(),
    Layout::new(
        "field elsewhere, Go",
        "creds := credentials.NewStaticCredentials(\"{{key-id}}\", os.Getenv(\"S\"), \"\")\nvar awsSecretAccessKey = \"{{secret}}\"\n",
    )
    .apart(),
    Layout::new(
        "field elsewhere, Rust",
        "let a = Credentials::new(\"{{key-id}}\", env!(\"S\"), None);\nconst AWS_SECRET_ACCESS_KEY: &str = \"{{secret}}\";\n",
    )
    .apart(),
    Layout::new(
        "field elsewhere, Ruby",
        "Aws.config.update(access_key_id: \"{{key-id}}\", secret_access_key: ENV.fetch(\"S\"))\nAWS_SECRET = \"{{secret}}\"\n",
    )
    .apart(),
    Layout::new(
        "field elsewhere, C#",
        "AccessKey = \"{{key-id}}\", SecretKey = Configuration[\"S\"];\nvar awsSecretAccessKey = \"{{secret}}\";\n",
    )
    .apart(),
    Layout::new(
        "field elsewhere, Python class",
        "aws_access_key_id = \"{{key-id}}\"\naws_secret_access_key = os.environ[\"S\"]\n\nclass Old:\n    aws_secret_access_key = \"{{secret}}\"\n",
    )
    .apart(),
    Layout::new(
        "field elsewhere, XML",
        "<aws><accessKey>{{key-id}}</accessKey><secretKey/></aws>\n<backup><secretKey>{{secret}}</secretKey></backup>\n",
    )
    .apart(),
    Layout::new(
        "field elsewhere, XML nil",
        "<aws><accessKey>{{key-id}}</accessKey><secretKey xsi:nil=\"true\"></secretKey></aws>\n<backup><secretKey>{{secret}}</secretKey></backup>\n",
    )
    .apart(),
    Layout::new(
        "field elsewhere, shell",
        "tool --access-key {{key-id}} --secret-key \"$S\"\ntool --aws-secret-key {{secret}}\n",
    )
    .apart(),
    Layout::new("section, plus in its name", "[a]\nkey = {{key-id}}\n[a+1]\naws_secret_access_key = {{secret}}\n")
        .apart(),
    Layout::new("section, other letters", "[profil-é]\naws_access_key_id = {{key-id}}\n[profil-à]\naws_secret_access_key = {{secret}}\n")
        .apart(),
    Layout::new(
        "field filled, Spring",
        "cloud.aws.credentials.access-key=${AK:{{key-id}}}\ncloud.aws.credentials.secret-key=${SK:{{secret}}}\n",
    ),
    Layout::new(
        "field filled, branches",
        "access_key = \"{{key-id}}\"\nif live:\n    secret_key = os.environ[\"S\"]\nelse:\n    secret_key = \"{{secret}}\"\n",
    ),
    Layout::new(
        "field filled, by a variable's name",
        "AWS_SECRET_ACCESS_KEY={{secret}}\ntool --access-key {{key-id}} --secret-key \"$AWS_SECRET_ACCESS_KEY\"\n",
    ),
    Layout::new(
        "field filled, Hadoop XML",
        "<property>\n  <name>fs.s3a.access.key</name>\n  <value>{{key-id}}</value>\n</property>\n<property>\n  <name>fs.s3a.secret.key</name>\n  <value>{{secret}}</value>\n</property>\n",
    ),
    Layout::new("lone secret, Spring default", "aws.secretKey=${X:{{secret}}}\n"),
    Layout::new("lone secret, pydantic", "aws_secret_key = SecretStr(\"{{secret}}\")\n"),
    Layout::new("lone secret, Python literal", "aws_secret_key = u'{{secret}}'\n"),
    Layout::new("lone secret, Rust", "let aws_secret_key = String::from(\"{{secret}}\");\n"),
    Layout::new("lone secret, Go", "AwsSecretKey: aws.String(\"{{secret}}\"),\n"),
    Layout::new("lone secret, DynamoDB", "{\"aws_secret_key\": {\"S\": \"{{secret}}\"}}\n"),
    Layout::new("lone secret, getter", "String getAwsSecretKey() {\n    return \"{{secret}}\";\n}\n"),
    Layout::new("lone secret, app before AWS", "REACT_APP_AWS_SECRET={{secret}}\n"),
];
