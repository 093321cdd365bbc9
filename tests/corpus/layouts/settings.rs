//! INI files, properties, TOML, HCL, and the settings of programs that speak S3.

use crate::corpus::layout::Layout;

pub(crate) const LAYOUTS: &[Layout] = &[
    Layout::new(
        "INI credentials",
        "[default]\naws_access_key_id = {{key-id}}\naws_secret_access_key = {{secret}}\nregion = {{region}}\n",
    ),
    Layout::new("INI credentials, no spaces", "[{{word}}]\naws_access_key_id={{key-id}}\naws_secret_access_key={{secret}}\n"),
    Layout::new(
        "INI credentials, ten profiles",
        "[{{word}}-#]\naws_access_key_id = {{key-id.#}}\naws_secret_access_key = {{secret.#}}\n\n",
    )
    .times(10),
    Layout::new(
        "INI credentials, ten profiles, secret first",
        "[{{word}}-#]\naws_secret_access_key = {{secret.#}}\naws_access_key_id = {{key-id.#}}\n\n",
    )
    .times(10),
    Layout::new(
        "INI config [profile x]",
        "[profile {{word}}]\nregion = {{region}}\noutput = json\naws_access_key_id = {{key-id}}\naws_secret_access_key = {{secret}}\n",
    ),
    Layout::new(
        "INI temporary credentials",
        "[{{word}}]\naws_access_key_id = {{key-id}}\naws_secret_access_key = {{secret}}\naws_session_token = {{token}}\n",
    ),
    Layout::new(
        "INI temporary credentials, five profiles",
        "[{{word}}#]\naws_access_key_id={{key-id.#}}\naws_secret_access_key={{secret.#}}\naws_session_token={{token.#}}\n\n",
    )
    .times(5),
    Layout::new(
        "INI upper case",
        "[{{word}}]\nAWS_ACCESS_KEY_ID = {{key-id}}\nAWS_SECRET_ACCESS_KEY = {{secret}}\n",
    ),
    Layout::new(
        "INI commented out",
        "# [old]\n# aws_access_key_id = {{key-id}}\n# aws_secret_access_key = {{secret}}\n",
    ),
    Layout::new(
        "INI in a patch",
        "@@ -1,2 +1,4 @@\n [default]\n+aws_access_key_id = {{key-id}}\n+aws_secret_access_key = {{secret}}\n",
    ),
    Layout::new(
        ".properties",
        "cloud.aws.region.static={{region}}\ncloud.aws.credentials.access-key={{key-id}}\ncloud.aws.credentials.secret-key={{secret}}\n",
    ),
    Layout::new(".properties, dotted names", "aws.accessKeyId={{key-id}}\naws.secretKey={{secret}}\n"),
    Layout::new(".properties, SDK for Java 1", "accessKey = {{key-id}}\nsecretKey = {{secret}}\n"),
    Layout::new("rootkey.csv", "AWSAccessKeyId={{key-id}}\nAWSSecretKey={{secret}}\n"),
    Layout::new("TOML", "[{{word}}.aws]\naccess_key_id = \"{{key-id}}\"\nsecret_access_key = \"{{secret}}\"\n"),
    Layout::new("TOML inline table", "aws = { access_key = \"{{key-id}}\", secret_key = '{{secret}}' }\n"),
    Layout::new(
        "Terraform provider",
        "provider \"aws\" {\n  region     = \"{{region}}\"\n  access_key = \"{{key-id}}\"\n  secret_key = \"{{secret}}\"\n}\n",
    ),
    Layout::new(
        "Terraform variables with defaults",
        "variable \"aws_access_key\" {\n  type    = string\n  default = \"{{key-id}}\"\n}\n\nvariable \"aws_secret_key\" {\n  type    = string\n  default = \"{{secret}}\"\n}\n",
    ),
    Layout::new(
        "tfstate",
        r#"      "instances": [
        {
          "schema_version": 0,
          "attributes": {
            "create_date": "{{date}}",
            "encrypted_secret": null,
            "id": "{{key-id}}",
            "key_fingerprint": null,
            "pgp_key": null,
            "secret": "{{secret}}",
            "status": "Active",
            "user": "{{word}}-{{word}}"
          }
        }
      ]
"#,
    ),
    Layout::new(
        "s3cmd",
        "[default]\naccess_key = {{key-id}}\naccess_token = \n{{settings}}restore_days = 1\nsecret_key = {{secret}}\nsend_chunk = 65536\n",
    ),
    Layout::new(
        "boto",
        "[Credentials]\naws_access_key_id = {{key-id}}\naws_secret_access_key = {{secret}}\n[Boto]\ndebug = 0\n",
    ),
    Layout::new(
        "rclone",
        "[{{word}}]\ntype = s3\nprovider = AWS\nenv_auth = false\naccess_key_id = {{key-id}}\nsecret_access_key = {{secret}}\nregion = {{region}}\n",
    ),
    Layout::new("passwd-s3fs", "{{key-id}}:{{secret}}\n"),
    Layout::new(
        "Markdown table",
        "| Name | Value |\n|---|---|\n| Access key ID | `{{key-id}}` |\n| Secret access key | `{{secret}}` |\n",
    ),
    Layout::new(
        "prose with labels",
        "Here are your keys.\n\nAccess Key ID: {{key-id}}\nSecret Access Key: {{secret}}\n\nPlease keep them safe.\n",
    ),
    Layout::new("chat message", "key is {{key-id}} and the secret is {{secret}} - delete after reading\n"),
    Layout::new("two bare lines", "{{key-id}}\n{{secret}}\n"),
];
