//! YAML maps, lists and pipelines.

use crate::corpus::layout::Layout;
use crate::corpus::style::Style;

pub(crate) const LAYOUTS: &[Layout] = &[
    Layout::new(
        "YAML map",
        "aws:\n  region: {{region}}\n  access_key_id: {{key-id}}\n  secret_access_key: {{secret}}\n",
    ),
    Layout::new("YAML map, quoted", "{{word}}:\n  accessKeyId: '{{key-id}}'\n  secretAccessKey: \"{{secret}}\"\n"),
    Layout::new("YAML flow map", "aws: {access_key_id: {{key-id}}, secret_access_key: {{secret}}}\n"),
    Layout::new(
        "YAML, Ruby symbols",
        "production:\n  :access_key_id: {{key-id}}\n  :secret_access_key: {{secret}}\n",
    ),
    Layout::new(
        "YAML list of maps",
        "  - name: {{word}}\n    access_key: {{key-id.#}}\n    secret_key: {{secret.#}}\n",
    )
    .times(4),
    Layout::new(
        "YAML list of maps, secret first",
        "  - secret_key: {{secret.#}}\n    access_key: {{key-id.#}}\n    region: {{region}}\n",
    )
    .times(4),
    Layout::new(
        "YAML name/value list",
        "  - name: AWS_ACCESS_KEY_ID\n    value: {{key-id}}\n  - name: AWS_SECRET_ACCESS_KEY\n    value: '{{secret}}'\n",
    ),
    Layout::new(
        "YAML key/value list with types",
        "  - key: aws_access_key_id\n    type: string\n    value: {{key-id}}\n  - key: aws_secret_access_key\n    type: string\n    value: {{secret}}\n",
    ),
    Layout::new(
        "Ansible task",
        "- name: {{word}} bucket\n  amazon.aws.s3_bucket:\n    aws_access_key: \"{{key-id}}\"\n    aws_secret_key: \"{{secret}}\"\n",
    ),
    Layout::new(
        "CI variables",
        "variables:\n  AWS_ACCESS_KEY_ID: \"{{key-id}}\"\n  AWS_SECRET_ACCESS_KEY: \"{{secret}}\"\n  {{word}}: {{n}}\n",
    ),
    Layout::new(
        "CI step inputs",
        "      - uses: aws-actions/configure-aws-credentials@v4\n        with:\n          aws-access-key-id: {{key-id}}\n          aws-secret-access-key: {{secret}}\n",
    ),
    Layout::new(
        "Spring application.yml",
        "cloud:\n  aws:\n    credentials:\n      accessKey: {{key-id}}\n      secretKey: {{secret}}\n",
    ),
    Layout::new(
        "YAML token folded",
        "aws:\n  access_key_id: {{key-id}}\n  secret_access_key: {{secret}}\n  session_token: >-\n    {{token}}\n  region: {{region}}\n",
    )
    .token_folded("\n    "),
    Layout::new("YAML block scalar", "secret_access_key: |\n  {{secret}}\naccess_key_id: |\n  {{key-id}}\n"),
    Layout::new("YAML secret folded", "access_key_id: {{key-id}}\nsecret_access_key: \"{{secret}}\"\nregion: {{region}}\n")
        .secret(Style::Broken("\\\n  ")),
];
