//! JSON of the AWS tools and of programs.

use crate::corpus::layout::Layout;

pub(crate) const LAYOUTS: &[Layout] = &[
    Layout::new(
        "JSON flat",
        "{\n  \"aws_access_key_id\": \"{{key-id}}\",\n  \"aws_secret_access_key\": \"{{secret}}\",\n  \"region\": \"{{region}}\"\n}\n",
    ),
    Layout::new(
        "JSON on one line",
        "{\"{{word}}\":{{n}},\"accessKeyId\":\"{{key-id}}\",\"secretAccessKey\":\"{{secret}}\",\"region\":\"{{region}}\"}\n",
    ),
    Layout::new("JSON upper-case names", "{\"ACCESS_KEY\": \"{{key-id}}\", \"SECRET_KEY\": \"{{secret}}\"}\n"),
    Layout::new(
        "STS JSON",
        r#"{
    "Credentials": {
        "SecretAccessKey": "{{secret}}",
        "SessionToken": "{{token}}",
        "Expiration": "{{date}}",
        "AccessKeyId": "{{key-id}}"
    },
    "AssumedRoleUser": {
        "Arn": "arn:aws:sts::{{account}}:assumed-role/{{word}}/{{word}}"
    }
}
"#,
    ),
    Layout::new(
        "STS JSON, ID first",
        "{\"Credentials\":{\"AccessKeyId\":\"{{key-id}}\",\"SecretAccessKey\":\"{{secret}}\",\"SessionToken\":\"{{token}}\",\"Expiration\":\"{{date}}\"}}\n",
    ),
    Layout::new(
        "instance metadata",
        "{\n  \"Code\" : \"Success\",\n  \"LastUpdated\" : \"{{date}}\",\n  \"Type\" : \"AWS-HMAC\",\n  \"AccessKeyId\" : \"{{key-id}}\",\n  \"SecretAccessKey\" : \"{{secret}}\",\n  \"Token\" : \"{{token}}\",\n  \"Expiration\" : \"{{date}}\"\n}\n",
    ),
    Layout::new(
        "IAM JSON",
        r#"{
    "AccessKey": {
        "UserName": "{{word}}",
        "AccessKeyId": "{{key-id}}",
        "Status": "Active",
        "SecretAccessKey": "{{secret}}",
        "CreateDate": "{{date}}"
    }
}
"#,
    ),
    Layout::new(
        "JSON list of objects",
        "  {\"name\": \"{{word}}\", \"accessKeyId\": \"{{key-id.#}}\", \"secretAccessKey\": \"{{secret.#}}\"},\n",
    )
    .times(5),
    Layout::new(
        "JSON list of objects, secret first",
        "  {\"secretAccessKey\": \"{{secret.#}}\", \"name\": \"{{word}}\", \"accessKeyId\": \"{{key-id.#}}\"},\n",
    )
    .times(5),
    Layout::new(
        "JSON list on one line",
        "{\"key\":\"{{key-id.#}}\",\"secret\":\"{{secret.#}}\"},",
    )
    .times(4),
    Layout::new(
        "JSON name/value list",
        "{\"environment\": [\n  {\"name\": \"AWS_ACCESS_KEY_ID\", \"value\": \"{{key-id}}\"},\n  {\"name\": \"{{word}}\", \"value\": \"{{n}}\"},\n  {\"name\": \"AWS_SECRET_ACCESS_KEY\", \"value\": \"{{secret}}\"}\n]}\n",
    ),
    Layout::new(
        "JSON value/name list",
        "{\"environment\": [\n  {\"value\": \"{{key-id}}\", \"name\": \"AWS_ACCESS_KEY_ID\"},\n  {\"value\": \"{{secret}}\", \"name\": \"AWS_SECRET_ACCESS_KEY\"}\n]}\n",
    ),
    Layout::new("JSON with comments", "{\n  // \"{{word}}\"\n  \"AwsAccessKey\": \"{{key-id}}\", // {{word}}\n  \"AwsSecretKey\": \"{{secret}}\",\n}\n"),
    Layout::new(
        "JSON nested objects",
        "{\"{{word}}\": {\"aws\": {\"key\": {\"id\": \"{{key-id}}\"}, \"secret\": {\"value\": \"{{secret}}\"}}}}\n",
    ),
    Layout::new("JSON pair in an array", "{\"aws\": [\"{{key-id}}\", \"{{secret}}\", \"{{region}}\"]}\n"),
    Layout::new(
        "appsettings.json",
        "{\n  \"AWS\": {\n    \"Profile\": \"{{word}}\",\n    \"AccessKey\": \"{{key-id}}\",\n    \"SecretKey\": \"{{secret}}\"\n  }\n}\n",
    ),
    Layout::new(
        "CloudFormation outputs",
        "[{\"OutputKey\": \"AccessKey\", \"OutputValue\": \"{{key-id}}\"}, {\"OutputKey\": \"SecretKey\", \"OutputValue\": \"{{secret}}\"}]\n",
    ),
    Layout::new(
        "notebook",
        r#"  {
   "cell_type": "code",
   "execution_count": {{n}},
   "metadata": {},
   "outputs": [],
   "source": [
    "import boto3\n",
    "s3 = boto3.client('s3',\n",
    "                  aws_access_key_id='{{key-id}}',\n",
    "                  aws_secret_access_key='{{secret}}')\n"
   ]
  },
"#,
    ),
    Layout::new(
        "notebook, environment magic",
        "   \"source\": [\"%env AWS_ACCESS_KEY_ID={{key-id}}\\n\", \"%env AWS_SECRET_ACCESS_KEY={{secret}}\\n\"]\n",
    ),
];
