//! XML: elements, properties, attributes, property lists.

use crate::corpus::layout::Layout;
use crate::corpus::style::Style;

pub(crate) const LAYOUTS: &[Layout] = &[
    Layout::new(
        "Hadoop XML, s3a",
        r"  <property>
    <name>fs.s3a.access.key</name>
    <value>{{key-id}}</value>
  </property>
  <property>
    <name>fs.s3a.secret.key</name>
    <value>{{secret}}</value>
  </property>
",
    ),
    Layout::new(
        "Hadoop XML, s3n, one line",
        "<property><name>fs.s3n.awsAccessKeyId</name><value>{{key-id}}</value></property><property><name>fs.s3n.awsSecretAccessKey</name><value>{{secret}}</value></property>\n",
    ),
    Layout::new(
        "Hadoop XML with descriptions",
        "<property>\n<name>fs.s3a.access.key</name>\n<description>{{Word}} {{word}} for {{word}}.</description>\n<value>{{key-id}}</value>\n</property>\n<property>\n<name>fs.s3a.secret.key</name>\n<description>{{Word}} {{word}}.</description>\n<value>{{secret}}</value>\n</property>\n",
    ),
    Layout::new(
        "XML elements",
        "<aws>\n  <region>{{region}}</region>\n  <accessKeyId>{{key-id}}</accessKeyId>\n  <secretAccessKey>{{secret}}</secretAccessKey>\n</aws>\n",
    ),
    Layout::new(
        "XML elements, ten of them",
        "<user><AccessKey>{{key-id.#}}</AccessKey><SecretKey>{{secret.#}}</SecretKey></user>\n",
    )
    .times(10),
    Layout::new("XML attributes", "<aws region=\"{{region}}\" accessKey=\"{{key-id}}\" secretKey=\"{{secret}}\"/>\n"),
    Layout::new("XML attributes, secret first", "<s3 secret-key='{{secret}}' access-key='{{key-id}}' />\n"),
    Layout::new(
        "web.config",
        "    <add key=\"AWSAccessKey\" value=\"{{key-id}}\"/>\n    <add key=\"AWSSecretKey\" value=\"{{secret}}\"/>\n",
    ),
    Layout::new(
        "Spring XML",
        "<bean class=\"com.{{word}}.Credentials\">\n  <property name=\"accessKey\" value=\"{{key-id}}\"/>\n  <property name=\"secretKey\" value=\"{{secret}}\"/>\n</bean>\n",
    ),
    Layout::new(
        "Maven server",
        "<server>\n  <id>{{word}}-s3</id>\n  <username>{{key-id}}</username>\n  <password>{{secret}}</password>\n</server>\n",
    ),
    Layout::new(
        "property list",
        "<key>AWSAccessKey</key>\n<string>{{key-id}}</string>\n<key>AWSSecretKey</key>\n<string>{{secret}}</string>\n",
    ),
    Layout::new(
        "STS XML response",
        "<Credentials>\n <SessionToken>\n  {{token}}\n </SessionToken>\n <SecretAccessKey>\n  {{secret}}\n </SecretAccessKey>\n <Expiration>{{date}}</Expiration>\n <AccessKeyId>{{key-id}}</AccessKeyId>\n</Credentials>\n",
    ),
    Layout::new("XML CDATA", "<accessKey><![CDATA[{{key-id}}]]></accessKey>\n<secretKey><![CDATA[{{secret}}]]></secretKey>\n"),
    Layout::new("HTML table", "<tr><td>Access key</td><td>{{key-id}}</td></tr>\n<tr><td>Secret key</td><td>{{secret}}</td></tr>\n"),
    Layout::new("Android strings", "<string name=\"aws_access_key\">{{key-id}}</string>\n<string name=\"aws_secret_key\">{{secret}}</string>\n")
        .secret(Style::Entity),
];
